package dev.jinrai.tokenizer.pipeline;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/// Tokens `<0xE2>` are bytes. A run of them is one text if it is UTF-8, otherwise a U+FFFD for each.
record ByteFallback() implements Decoder {
    private static final int NONE = -1;

    @Override
    public Stage onto(Stage next) {
        return new WholeTexts(next) {
            private final ByteArrayOutputStream run = new ByteArrayOutputStream();

            @Override
            void whole(String text) {
                int b = byteOf(text);
                if (b != NONE) {
                    run.write(b);
                } else {
                    endRun();
                    emit(text);
                }
            }

            @Override
            public void end() {
                endRun();
                super.end();
            }

            private void endRun() {
                byte[] bytes = run.toByteArray();
                run.reset();
                if (bytes.length == 0) {
                    return;
                }
                try {
                    emit(
                            StandardCharsets.UTF_8
                                    .newDecoder()
                                    .decode(ByteBuffer.wrap(bytes))
                                    .toString());
                } catch (CharacterCodingException e) {
                    for (int i = 0; i < bytes.length; i++) {
                        emit("\uFFFD");
                    }
                }
            }
        };
    }

    /// {@return the byte that a token names}
    private static int byteOf(String token) {
        if (token.length() != 6 || !token.startsWith("<0x") || !token.endsWith(">")) {
            return NONE;
        }
        // As Rust reads numbers, a plus counts as its sign.
        int high = token.charAt(3) == '+' ? 0 : Character.digit(token.charAt(3), 16);
        int low = Character.digit(token.charAt(4), 16);
        boolean ascii = token.charAt(3) < 0x80 && token.charAt(4) < 0x80;
        return high < 0 || low < 0 || !ascii ? NONE : high << 4 | low;
    }

    @Override
    public Printed middle(Printed token, boolean fused) {
        if (token instanceof Printed.Text(String text) && byteOf(text) != NONE) {
            return new Printed.Bytes(Character.toString(byteOf(text)));
        }
        return token;
    }
}
