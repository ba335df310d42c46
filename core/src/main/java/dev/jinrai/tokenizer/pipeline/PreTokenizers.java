package dev.jinrai.tokenizer.pipeline;

import dev.jinrai.json.JsonNode;
import dev.jinrai.tokenizer.pipeline.TextPattern.Characters;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/// The pre-tokenizers by their `type`. A new one is a line here.
public final class PreTokenizers {
    private static final String KNOWN =
            "BertPreTokenizer, ByteLevel, CharDelimiterSplit, Digits, FixedLength, Metaspace,"
                    + " Punctuation, Sequence, Split, Whitespace, WhitespaceSplit";
    private static final int LONGEST = 1 << 20;

    private PreTokenizers() {}

    /// The pre-tokenizer that an object describes.
    ///
    /// @throws dev.jinrai.json.JsonException if there is none of its type, or it lacks a setting
    public static PreTokenizer of(JsonNode node) {
        String type = node.get("type").text();
        return switch (type) {
            case "Sequence" ->
                    sequence(
                            node.get("pretokenizers").items().stream()
                                    .map(PreTokenizers::of)
                                    .toList());
            case "ByteLevel" -> ByteLevel.of(node);
            case "Split" ->
                    new Split(
                            TextPattern.of(node.get("pattern")),
                            Behavior.of(node.get("behavior")),
                            node.get("invert").flag());
            case "Metaspace" -> Metaspace.of(node);
            case "Whitespace" -> new WordsAndSigns();
            case "WhitespaceSplit" -> spaces();
            case "BertPreTokenizer" -> sequence(List.of(spaces(), punctuation(Behavior.ISOLATED)));
            case "Punctuation" ->
                    punctuation(node.find("behavior").map(Behavior::of).orElse(Behavior.ISOLATED));
            case "Digits" ->
                    new Split(
                            new Characters(Letters::isNumeric),
                            node.get("individual_digits").flag()
                                    ? Behavior.ISOLATED
                                    : Behavior.CONTIGUOUS,
                            false);
            case "CharDelimiterSplit" -> {
                int delimiter = Metaspace.character(node.get("delimiter"));
                yield new Split(new Characters(c -> c == delimiter), Behavior.REMOVED, false);
            }
            case "FixedLength" ->
                    new FixedLength(node.find("length").map(n -> n.whole(1, LONGEST)).orElse(5));
            default -> throw Unsupported.type(node, "pre-tokenizer", type, KNOWN);
        };
    }

    private static PreTokenizer spaces() {
        return new Split(new Characters(Letters::isSpace), Behavior.REMOVED, false);
    }

    private static PreTokenizer punctuation(Behavior behavior) {
        return new Split(new Characters(Letters::isPunctuation), behavior, false);
    }

    /// A sequence within another is part of it, so that what they make of a text is measured against that text.
    private static PreTokenizer sequence(List<PreTokenizer> steps) {
        return new Sequence(
                steps.stream()
                        .flatMap(step ->
                                step instanceof Sequence(List<PreTokenizer> inner)
                                        ? inner.stream()
                                        : Stream.of(step))
                        .toList());
    }

    /// One after the other.
    record Sequence(List<PreTokenizer> steps) implements PreTokenizer {
        @Override
        public void split(Piece piece, List<Piece> out) {
            long most = Growth.most(piece.text().length());
            List<Piece> pieces = List.of(piece);
            for (PreTokenizer step : steps) {
                List<Piece> finer = new ArrayList<>(2 * pieces.size());
                long length = 0;
                for (Piece coarse : pieces) {
                    int before = finer.size();
                    step.split(coarse, finer);
                    for (int i = before; i < finer.size(); i++) {
                        length += finer.get(i).text().length();
                    }
                    Growth.check(length, most, "pre-tokenizers");
                }
                pieces = finer;
            }
            out.addAll(pieces);
        }
    }

    /// A pattern's matches and what lies between them.
    record Split(TextPattern pattern, Behavior behavior, boolean invert) implements PreTokenizer {
        @Override
        public void split(Piece piece, List<Piece> out) {
            Spans spans = new Spans();
            pattern.find(piece.text(), spans);
            behavior.pieces(piece, spans, invert, out);
        }
    }

    /// So many characters, and what is left at the end.
    record FixedLength(int length) implements PreTokenizer {
        @Override
        public void split(Piece piece, List<Piece> out) {
            String text = piece.text();
            int start = 0;
            int characters = 0;
            for (int at = 0; at < text.length(); at += Character.charCount(text.codePointAt(at))) {
                if (characters == length) {
                    out.add(new Piece(text.substring(start, at), start == 0 && piece.atStart()));
                    start = at;
                    characters = 0;
                }
                characters++;
            }
            out.add(new Piece(text.substring(start), start == 0 && piece.atStart()));
        }
    }

    /// Runs of letters and digits, and runs of signs: `\w+|[^\w\s]+`.
    record WordsAndSigns() implements PreTokenizer {
        @Override
        public void split(Piece piece, List<Piece> out) {
            String text = piece.text();
            int start = 0;
            int kind = 0; // of the run from `start`: 0 white space, 1 words, 2 signs
            int next;
            for (int at = 0; at < text.length(); at = next) {
                int c = text.codePointAt(at);
                next = at + Character.charCount(c);
                int other = Letters.isWord(c) ? 1 : Letters.isSpace(c) ? 0 : 2;
                if (other != kind) {
                    add(piece, start, at, kind, out);
                    start = at;
                    kind = other;
                }
            }
            add(piece, start, text.length(), kind, out);
        }

        private static void add(Piece piece, int start, int end, int kind, List<Piece> out) {
            if (kind != 0 && start < end) {
                out.add(
                        new Piece(
                                piece.text().substring(start, end), start == 0 && piece.atStart()));
            }
        }
    }
}
