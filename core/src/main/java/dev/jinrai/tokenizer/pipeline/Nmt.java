package dev.jinrai.tokenizer.pipeline;

/// What SentencePiece's rules `nmt` do to control characters and rare white space.
record Nmt() implements Normalizer {

    @Override
    public String normalize(String text) {
        StringBuilder out = new StringBuilder(text.length());
        for (int i = 0; i < text.length(); i++) { // all that it knows are single units
            char c = text.charAt(i);
            if (isSpace(c)) {
                out.append(' ');
            } else if (!isDropped(c)) {
                out.append(c);
            }
        }
        return out.toString();
    }

    @Override
    public boolean keepsStart(String text) {
        return text.isEmpty() || !isDropped(text.charAt(0));
    }

    private static boolean isDropped(char c) {
        return (c >= 0x1 && c <= 0x8)
                || c == 0xB
                || (c >= 0xE && c <= 0x1F)
                || c == 0x7F
                || c == 0x8F
                || c == 0x9F;
    }

    private static boolean isSpace(char c) {
        return switch (c) {
            case '\t', '\n', '\f', '\r', 0x1680, 0x2028, 0x2029, 0x2581, 0xFEFF, 0xFFFD -> true;
            default -> c >= 0x200B && c <= 0x200F;
        };
    }
}
