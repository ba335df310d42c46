package dev.jinrai.tokenizer;

import dev.jinrai.tokenizer.pipeline.Decoder;
import dev.jinrai.tokenizer.pipeline.Decoder.Printed;
import dev.jinrai.tokenizer.pipeline.Normalizer;
import dev.jinrai.tokenizer.pipeline.PatternException;
import dev.jinrai.tokenizer.pipeline.Piece;
import dev.jinrai.tokenizer.pipeline.PostProcessor;
import dev.jinrai.tokenizer.pipeline.PreTokenizer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Supplier;

/// A tokenizer read from Hugging Face's `tokenizer.json`, and what stands beside it.
///
/// ```
/// <s>Hi  you                    a text
/// <s> · Hi  you                 added tokens are cut out (AddedTokens)
/// <s> · ▁Hi▁▁you                what is left is normalized (Normalizer); added tokens that are
///                               normalized are cut out now
/// <s> · ▁Hi · ▁ · ▁you          and falls into pieces (PreTokenizer)
/// 1 · 6324 · 29871 · 366        which the model makes tokens of (PieceModel)
/// ```
/// Ids and texts equal those of Hugging Face's tokenizers 0.23. Truncation and padding, which a
/// file may ask for too, are the business of who calls it, and are not done.
///
/// Source: `tokenizer/mod.rs` in Hugging Face's tokenizers.
public final class HuggingFaceTokenizer implements Tokenizer {
    private final Parts parts;

    HuggingFaceTokenizer(Parts parts) {
        this.parts = parts;
    }

    /// What it is made of.
    ///
    /// @param tokens the text of each token as it is decoded; empty where an id has none
    record Parts(
            Vocabulary vocabulary,
            List<Optional<String>> tokens,
            List<Boolean> special,
            AddedTokens added,
            Normalizer normalizer,
            AddedTokens addedNormalized,
            PreTokenizer preTokenizer,
            PieceModel model,
            PostProcessor postProcessor,
            Decoder decoder,
            Decoder cleanUp,
            Optional<String> chatTemplate) {}

    /// Reads a `tokenizer.json`, and the settings beside it: `tokenizer_config.json`,
    /// `special_tokens_map.json`, `generation_config.json`, `config.json`, `chat_template.jinja`.
    ///
    /// @param file the file, or a directory that has it
    /// @throws TokenizerException if it cannot be read, asks for what this build does not do, or
    ///     cannot work; the message begins with the name of the file that says so
    public static HuggingFaceTokenizer open(Path file) {
        return HuggingFaceFiles.open(file);
    }

    @Override
    public Vocabulary vocabulary() {
        return parts.vocabulary;
    }

    /// The model's own chat template, in Jinja.
    public Optional<String> chatTemplate() {
        return parts.chatTemplate;
    }

    @Override
    public OptionalInt addedInFront() {
        List<Integer> front = parts.postProcessor.front();
        return front.isEmpty() ? OptionalInt.empty() : OptionalInt.of(front.getFirst());
    }

    @Override
    public OptionalInt addedAtEnd() {
        List<Integer> end = parts.postProcessor.end();
        return end.isEmpty() ? OptionalInt.empty() : OptionalInt.of(end.getLast());
    }

    @Override
    public int[] encode(String text, boolean addSpecial, boolean parseSpecial) {
        String wellFormed = new String(WellFormed.units(text));
        IntList ids = new IntList(text.length() / 3);
        if (addSpecial) {
            parts.postProcessor.front().forEach(ids::add);
        }
        try {
            Encoding encoding = new Encoding(ids, parseSpecial);
            for (Fragment fragment : parts.added.partition(wellFormed, parseSpecial)) {
                switch (fragment) {
                    case Fragment.Special(int id) -> ids.add(id);
                    case Fragment.Text(int start, int end) ->
                            encoding.text(wellFormed.substring(start, end), start == 0);
                }
            }
        } catch (PatternException e) {
            throw new TokenizerException("" + e.getMessage());
        }
        if (addSpecial) {
            parts.postProcessor.end().forEach(ids::add);
        }
        return ids.toArray();
    }

    /// One text on its way to ids.
    private final class Encoding {
        private final IntList ids;
        private final boolean parseSpecial;
        private final PieceModel.Encoder model;
        private final List<Piece> pieces = new ArrayList<>();

        Encoding(IntList ids, boolean parseSpecial) {
            this.ids = ids;
            this.parseSpecial = parseSpecial;
            model = new PieceCache(parts.model.encoder(ids), ids);
        }

        void text(String text, boolean atStart) {
            String normalized = parts.normalizer.normalize(text);
            boolean first = atStart && parts.normalizer.keepsStart(text);
            for (Fragment fragment : parts.addedNormalized.partition(normalized, parseSpecial)) {
                switch (fragment) {
                    case Fragment.Special(int id) -> ids.add(id);
                    case Fragment.Text(int start, int end) ->
                            pieces(normalized.substring(start, end), first && start == 0);
                }
            }
        }

        private void pieces(String text, boolean atStart) {
            pieces.clear();
            parts.preTokenizer.split(new Piece(text, atStart), pieces);
            for (Piece piece : pieces) {
                if (!piece.text().isEmpty()) {
                    model.add(piece.text());
                }
            }
        }
    }

    /// What a token prints that is neither the first nor the last: what a decoder does at the ends
    /// of a text only [#decode] knows.
    @Override
    public byte[] piece(int id, boolean special) {
        Optional<String> token = printed(id, special);
        if (token.isEmpty()) {
            return new byte[0];
        }
        return refusing(() ->
                switch (parts.decoder.middle(new Printed.Text(token.get()), false)) {
                    case Printed.Text(String text) -> text.getBytes(StandardCharsets.UTF_8);
                    case Printed.Bytes(String latin1) ->
                            latin1.getBytes(StandardCharsets.ISO_8859_1);
                });
    }

    /// {@return what is made with the file's patterns}
    ///
    /// @throws TokenizerException if one needs too much for it
    private static <T> T refusing(Supplier<T> made) {
        try {
            return made.get();
        } catch (PatternException e) {
            throw new TokenizerException("" + e.getMessage());
        }
    }

    /// {@return the token as its decoder takes it, empty if it prints nothing}
    private Optional<String> printed(int id, boolean special) {
        parts.vocabulary.text(id); // throws
        return !special && parts.special.get(id) ? Optional.empty() : parts.tokens.get(id);
    }

    /// A whole text in the making: all it returns together is what Hugging Face's `decode` returns.
    Decoding decoding(boolean removeSpecial, boolean unparseSpecial) {
        return new Decoding(removeSpecial, unparseSpecial);
    }

    /// Tokens on their way to a whole text. Mutable.
    final class Decoding {
        private final boolean special;
        private final StringBuilder certain = new StringBuilder();
        private final Decoder.Stage stage;
        private final List<Integer> end;
        private final ArrayDeque<Integer> waiting =
                new ArrayDeque<>(); // what may be the special tokens at the end
        private int front; // special tokens that may yet come in front

        private Decoding(boolean removeSpecial, boolean special) {
            this.special = special;
            stage = parts.decoder.onto(parts.cleanUp.onto(Decoder.to(certain::append)));
            front = removeSpecial ? parts.postProcessor.front().size() : 0;
            end = removeSpecial ? parts.postProcessor.end() : List.of();
        }

        /// The text that became certain with this token.
        String append(int id) {
            return refusing(() -> appended(id));
        }

        private String appended(int id) {
            List<Integer> inFront = parts.postProcessor.front();
            if (front > 0) {
                if (inFront.get(inFront.size() - front) == id) {
                    front--;
                    return "";
                }
                front = 0;
            }
            waiting.add(id);
            if (waiting.size() > end.size()) {
                print(waiting.remove());
            }
            return take();
        }

        /// The text that was certain only at the end.
        String last() {
            return refusing(this::ended);
        }

        private String ended() {
            if (!end.equals(List.copyOf(waiting))) {
                waiting.forEach(this::print);
            }
            stage.end();
            return take();
        }

        private void print(int id) {
            printed(id, special)
                    .ifPresent(token -> {
                        stage.text(token);
                        stage.endText();
                    });
        }

        private String take() {
            String text = certain.toString();
            certain.setLength(0);
            return text;
        }
    }
}
