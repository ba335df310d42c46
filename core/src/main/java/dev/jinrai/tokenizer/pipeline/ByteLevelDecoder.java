package dev.jinrai.tokenizer.pipeline;

import java.nio.charset.StandardCharsets;

/// The bytes that letters of the [ByteAlphabet] stand for, all tokens in one text. A token with
/// another character in it is text as it is.
record ByteLevelDecoder() implements Decoder {

    @Override
    public Stage onto(Stage next) {
        return new Stage() {
            private final StringBuilder token = new StringBuilder();
            private final Utf8Decoder utf8 = new Utf8Decoder();

            @Override
            public void text(String part) {
                token.append(part);
            }

            @Override
            public void endText() {
                StringBuilder text = new StringBuilder();
                utf8.append(bytes(token.toString()), text);
                token.setLength(0);
                if (!text.isEmpty()) {
                    next.text(text.toString());
                }
            }

            @Override
            public void end() {
                StringBuilder text = new StringBuilder();
                utf8.flush(text);
                next.text(text.toString());
                next.endText();
                next.end();
            }
        };
    }

    private static byte[] bytes(String token) {
        byte[] bytes = new byte[token.length()];
        for (int i = 0; i < bytes.length; i++) {
            int b = ByteAlphabet.byteOf(token.charAt(i));
            if (b < 0) {
                return token.getBytes(StandardCharsets.UTF_8);
            }
            bytes[i] = (byte) b;
        }
        return bytes;
    }

    @Override
    public Printed middle(Printed token, boolean fused) {
        return token instanceof Printed.Text(String text)
                ? new Printed.Bytes(new String(bytes(text), StandardCharsets.ISO_8859_1))
                : token;
    }

    @Override
    public boolean fuses() {
        return true;
    }
}
