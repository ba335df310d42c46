package dev.jinrai.tokenizer;

import java.io.ByteArrayOutputStream;

/// Takes spaces before punctuation away, byte by byte: `clean_up_tokenization_spaces` of older
/// vocabularies, as llama.cpp does it when it detokenizes. Mutable; one for each text.
///
/// ```
/// 1   " ?" " !" " ." " ,"          lose the space
/// 2   " ' "                        loses both
/// 3   " 's" " 'm" " 're" " 've"    lose the space
/// ```
/// Each rule reads what the one before left. A rule looks ahead by up to three bytes; those wait.
final class SpaceCleanup {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private boolean punctuationWaits; // rule 1 holds " "
    private int quoteWaits; // rule 2 holds this much of " '"
    private final byte[] contraction = {' ', '\'', 0};
    private int contractionWaits; // rule 3 holds this much of " 'r"

    /// {@return the bytes that are certain now}
    byte[] append(byte[] bytes) {
        for (byte b : bytes) {
            punctuation(b);
        }
        return take();
    }

    /// {@return the bytes that waited}
    byte[] flush() {
        if (punctuationWaits) {
            quote((byte) ' ');
        }
        punctuationWaits = false;
        flushQuote();
        flushContraction();
        return take();
    }

    private byte[] take() {
        byte[] bytes = out.toByteArray();
        out.reset();
        return bytes;
    }

    private void punctuation(byte b) {
        if (punctuationWaits && b != '?' && b != '!' && b != '.' && b != ',') {
            quote((byte) ' ');
        }
        punctuationWaits = b == ' ';
        if (!punctuationWaits) {
            quote(b);
        }
    }

    private void quote(byte b) {
        if (quoteWaits == 1 && b == '\'') {
            quoteWaits = 2;
        } else if (quoteWaits == 2 && b == ' ') {
            quoteWaits = 0;
            contraction((byte) '\'');
        } else {
            flushQuote();
            if (b == ' ') {
                quoteWaits = 1;
            } else {
                contraction(b);
            }
        }
    }

    private void flushQuote() {
        if (quoteWaits > 0) {
            contraction((byte) ' ');
        }
        if (quoteWaits > 1) {
            contraction((byte) '\'');
        }
        quoteWaits = 0;
    }

    private void contraction(byte b) {
        boolean goesOn =
                switch (contractionWaits) {
                    case 0 -> b == ' ';
                    case 1 -> b == '\'';
                    case 2 -> b == 'r' || b == 'v';
                    default -> false;
                };
        if (goesOn) {
            contraction[contractionWaits++] = b;
            return;
        }
        boolean ends =
                (contractionWaits == 2 && (b == 's' || b == 'm'))
                        || (contractionWaits == 3 && b == 'e');
        if (ends) {
            out.write(contraction, 1, contractionWaits - 1);
            contractionWaits = 0;
        } else {
            flushContraction();
        }
        if (b == ' ') {
            contractionWaits = 1;
        } else {
            out.write(b);
        }
    }

    private void flushContraction() {
        out.write(contraction, 0, contractionWaits);
        contractionWaits = 0;
    }
}
