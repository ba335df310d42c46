package dev.jinrai.tokenizer.pipeline;

import dev.jinrai.json.JsonNode;
import java.util.List;
import java.util.stream.Stream;

/// The decoders by their `type`. A new one is a line here.
public final class Decoders {
    private static final String KNOWN =
            "BPEDecoder, ByteFallback, ByteLevel, Fuse, Metaspace, Replace, Sequence, Strip,"
                    + " WordPiece";

    /// Puts spaces between the tokens, as it is done where a file names no decoder.
    public static final Decoder SPACES = new SpacesBetween();

    /// Takes the spaces out of decoded English that tokens put in, as `transformers` does where
    /// `clean_up_tokenization_spaces` says so.
    public static final Decoder CLEAN_UP =
            sequence(
                    Stream.of(
                                    List.of(" .", "."),
                                    List.of(" ?", "?"),
                                    List.of(" !", "!"),
                                    List.of(" ,", ","),
                                    List.of(" ' ", "'"),
                                    List.of(" n't", "n't"),
                                    List.of(" 'm", "'m"),
                                    List.of(" 's", "'s"),
                                    List.of(" 've", "'ve"),
                                    List.of(" 're", "'re"))
                            .<Decoder>map(pair -> new ReplaceText(pair.get(0), pair.get(1)))
                            .toList());

    private Decoders() {}

    /// The decoder that an object describes.
    ///
    /// @throws dev.jinrai.json.JsonException if there is none of its type, or it lacks a setting
    public static Decoder of(JsonNode node) {
        if (Growth.isTooMuch(growth(node))) {
            throw node.wrong("the decoders make too much of a token");
        }
        return read(node);
    }

    /// {@return how many times as long a text may become}
    private static long growth(JsonNode node) {
        return switch (node.text("type", "")) {
            case "Sequence" -> {
                long product = 1;
                for (JsonNode step : node.get("decoders").items()) {
                    product = Math.min(product * growth(step), Integer.MAX_VALUE);
                }
                yield product;
            }
            case "Replace" ->
                    Growth.factor(TextPattern.of(node.get("pattern")), node.get("content").text());
            default -> 1;
        };
    }

    private static Decoder read(JsonNode node) {
        String type = node.get("type").text();
        return switch (type) {
            case "Sequence" ->
                    sequence(node.get("decoders").items().stream().map(Decoders::read).toList());
            case "ByteLevel" -> new ByteLevelDecoder();
            case "ByteFallback" -> new ByteFallback();
            case "Fuse" -> new Fuse();
            case "Metaspace" -> MetaspaceDecoder.of(node);
            case "Replace" ->
                    ReplaceDecoder.of(
                            TextPattern.of(node.get("pattern")), node.get("content").text());
            case "Strip" ->
                    new StripDecoder(
                            Metaspace.character(node.get("content")),
                            node.get("start").whole(0, Integer.MAX_VALUE),
                            node.get("stop").whole(0, Integer.MAX_VALUE));
            case "WordPiece" ->
                    new WordPieceDecoder(node.get("prefix").text(), node.get("cleanup").flag());
            case "BPEDecoder" -> new BpeDecoder(node.get("suffix").text());
            default -> throw Unsupported.type(node, "decoder", type, KNOWN);
        };
    }

    /// One after the other.
    public static Decoder sequence(List<Decoder> decoders) {
        return new Sequence(decoders);
    }

    private record Sequence(List<Decoder> decoders) implements Decoder {
        @Override
        public Stage onto(Stage next) {
            Stage stage = next;
            for (Decoder decoder : decoders.reversed()) {
                stage = decoder.onto(stage);
            }
            return stage;
        }

        @Override
        public Printed middle(Printed token, boolean fused) {
            Printed printed = token;
            boolean joined = fused;
            for (Decoder decoder : decoders) {
                printed = decoder.middle(printed, joined);
                joined |= decoder.fuses();
            }
            return printed;
        }

        @Override
        public boolean fuses() {
            return decoders.stream().anyMatch(Decoder::fuses);
        }
    }
}
