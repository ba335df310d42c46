package dev.jinrai.tokenizer.pipeline;

import dev.jinrai.json.JsonNode;

/// The sign that [Metaspace] puts for the space is a space again. In the first text it goes, where
/// a sign is put in front of texts: all of them go, also those inside.
record MetaspaceDecoder(String sign, boolean dropsFirst) implements Decoder {

    static MetaspaceDecoder of(JsonNode node) {
        Metaspace metaspace = Metaspace.of(node);
        return new MetaspaceDecoder(
                Character.toString(metaspace.replacement()),
                metaspace.prepend() != Metaspace.Prepend.NEVER);
    }

    @Override
    public Stage onto(Stage next) {
        return new Stage() {
            private boolean first = true;

            @Override
            public void text(String part) {
                next.text(part.replace(sign, first && dropsFirst ? "" : " "));
            }

            @Override
            public void endText() {
                first = false;
                next.endText();
            }

            @Override
            public void end() {
                next.end();
            }
        };
    }

    @Override
    public Printed middle(Printed token, boolean fused) {
        return token instanceof Printed.Text(String text)
                ? new Printed.Text(text.replace(sign, fused && dropsFirst ? "" : " "))
                : token;
    }
}
