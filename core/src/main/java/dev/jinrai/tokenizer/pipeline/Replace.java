package dev.jinrai.tokenizer.pipeline;

/// Every match of a pattern becomes a text.
record Replace(TextPattern pattern, String content) implements Normalizer {

    @Override
    public String normalize(String text) {
        return normalize(text, Growth.most(text.length()));
    }

    @Override
    public String normalize(String text, long most) {
        if (text.isEmpty()) {
            return text;
        }
        Spans spans = new Spans();
        pattern.find(text, spans);
        if (spans.size() == 1 && !spans.isMatch(0)) {
            return text;
        }
        StringBuilder out = new StringBuilder(text.length());
        for (int i = 0; i < spans.size(); i++) {
            if (spans.isMatch(i)) {
                Growth.check((long) out.length() + content.length(), most);
                out.append(content);
            } else {
                out.append(text, spans.start(i), spans.end(i));
            }
        }
        Growth.check(out.length(), most);
        return out.toString();
    }

    /// What replaces several characters stands for the last of them.
    @Override
    public boolean keepsStart(String text) {
        if (text.isEmpty()) {
            return true;
        }
        Spans spans = new Spans();
        pattern.find(text, spans);
        boolean replaced = spans.isMatch(0);
        return !replaced
                || spans.end(0) == 0
                || (!content.isEmpty() && text.codePointCount(0, spans.end(0)) == 1);
    }
}
