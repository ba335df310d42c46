package dev.jinrai.tokenizer.pipeline;

/// A stage that looks at each text of the row as a whole. Mutable.
abstract class WholeTexts implements Decoder.Stage {
    final Decoder.Stage next;
    private final StringBuilder text = new StringBuilder();

    WholeTexts(Decoder.Stage next) {
        this.next = next;
    }

    /// A text is complete.
    abstract void whole(String text);

    @Override
    public void text(String part) {
        text.append(part);
    }

    @Override
    public void endText() {
        String whole = text.toString();
        text.setLength(0);
        whole(whole);
    }

    @Override
    public void end() {
        next.end();
    }

    /// Hands a whole text on.
    final void emit(String whole) {
        next.text(whole);
        next.endText();
    }
}
