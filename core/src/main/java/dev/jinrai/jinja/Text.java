package dev.jinrai.jinja;

/// A string that grows within a [Budget].
final class Text {
    private final StringBuilder text = new StringBuilder();
    private final Budget budget;

    Text(Budget budget) {
        this.budget = budget;
    }

    Text append(String piece) {
        budget.characters(piece.length());
        budget.output((long) text.length() + piece.length());
        text.append(piece);
        return this;
    }

    Text append(char c) {
        return append(String.valueOf(c));
    }

    Text repeat(String piece, long count) {
        if (count > 0 && !piece.isEmpty()) {
            long length = count > Integer.MAX_VALUE ? Integer.MAX_VALUE : count * piece.length();
            budget.characters(length);
            budget.output(text.length() + length);
            text.repeat(piece, (int) count);
        }
        return this;
    }

    int length() {
        return text.length();
    }

    @Override
    public String toString() {
        return text.toString();
    }
}
