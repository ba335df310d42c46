package dev.jinrai.tokenizer;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.SplittableRandom;

/// Texts made of a vocabulary's own pieces, of what tokenizers have got wrong before, and of any characters.
final class RandomTexts {
    private static final List<String> ODD =
            List.of(
                    " ",
                    "  ",
                    "   ",
                    "\t",
                    "\n",
                    "\r\n",
                    "\n\n \n",
                    "\u00a0",
                    "\u3000",
                    "\u200b",
                    "\u00ad",
                    "\u2581",
                    "e\u0301",
                    "\u0301",
                    "n\u0303\u0303",
                    "\u00e9",
                    "\u212b",
                    "\ufb01",
                    "\u00df",
                    "\u0130",
                    "\u03c2",
                    "\u4e2d\u6587\uff0c",
                    "\u6f22\u5b57",
                    "\u3042\u30a2",
                    "\ud55c\uad6d\uc5b4",
                    "\u0928\u093f",
                    "\u0627\u0644",
                    "\ufdfa",
                    "\ud83d\ude42",
                    "\ud83d\udc4d\ud83c\udffd",
                    "\ud83d\udc68\u200d\ud83d\udc69\u200d\ud83d\udc67",
                    "\u0000",
                    "\u0001",
                    "\u007f",
                    "\ufffd",
                    "\ue000",
                    "\u00bd",
                    "\u0663",
                    "1",
                    "42",
                    "1234567890",
                    "3.14",
                    "'s",
                    "'LL",
                    "'\u017f",
                    "don't",
                    "...",
                    "--",
                    "!?",
                    "$",
                    "^",
                    "{\"a\": [1]}",
                    "a_b",
                    "camelCase",
                    "HTTPServer",
                    "</s>",
                    "<s>",
                    "<unk>",
                    "[MASK]",
                    "<|endoftext|>",
                    "<0x41>",
                    "<|",
                    "<",
                    "aaaaaaaa",
                    "abababab");

    private final Tokenizer tokenizer;
    private final SplittableRandom random;

    RandomTexts(Tokenizer tokenizer, SplittableRandom random) {
        this.tokenizer = tokenizer;
        this.random = random;
    }

    /// {@return well-formed text of up to `most` parts}
    String next(int most) {
        StringBuilder text = new StringBuilder();
        for (int parts = random.nextInt(1, most + 1); parts > 0; parts--) {
            text.append(part());
        }
        return text.toString();
    }

    private String part() {
        int kind = random.nextInt(100);
        if (kind < 45) {
            return piece();
        }
        if (kind < 70) {
            return ODD.get(random.nextInt(ODD.size()));
        }
        if (kind < 85) {
            return Character.toString(random.nextInt(' ', 0x7f));
        }
        return Character.toString(scalar(kind < 95 ? 0x3000 : 0x110000));
    }

    private String piece() {
        byte[] bytes = tokenizer.piece(random.nextInt(tokenizer.vocabulary().size()), true);
        // Parts of characters would become what no text of a user holds.
        String text = new String(bytes, StandardCharsets.UTF_8);
        return text.indexOf('\ufffd') < 0 ? text : " ";
    }

    private int scalar(int bound) {
        int c = random.nextInt(bound);
        return c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE ? 'x' : c;
    }
}
