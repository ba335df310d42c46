package dev.jinrai.huggingface;

import dev.jinrai.gguf.Quote;
import dev.jinrai.tokenizer.TokenizerException;
import dev.jinrai.tokenizer.UnsupportedTokenizerException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// `tokenizer.model`: a vocabulary as SentencePiece stores it.
///
/// ```text
/// 1 pieces, each   1 piece text · 2 score float · 3 type, see TokenType; 1 if it is missing
/// 2 trainer        3 model: 1 unigram, 2 BPE, 3 words, 4 characters
/// 3 normalizer     1 name · 2 table of replacements · 3 add_dummy_prefix · 4 remove_extra_whitespaces · 5 escape_whitespaces
/// ```
/// Source: `sentencepiece_model.proto` in SentencePiece.
///
/// @param unigram whether it is a unigram model; otherwise BPE
/// @param charsmap the table of replacements; empty for none
/// @param addDummyPrefix whether a text gets a space in front
/// @param removeExtraWhitespaces whether runs of spaces become one, and those at the ends go
@SuppressWarnings("ArrayRecordComponent") // never compared
record TokenizerModel(
        List<Piece> pieces,
        boolean unigram,
        byte[] charsmap,
        boolean addDummyPrefix,
        boolean removeExtraWhitespaces) {
    static final String NAME = "tokenizer.model";

    private static final int LARGEST_FILE = 64 << 20;
    static final int MOST_PIECES = 1 << 22;

    /// @param type its number in [dev.jinrai.tokenizer.TokenType]
    record Piece(String text, float score, int type) {}

    static TokenizerModel read(Path file) {
        String name = Quote.printable(file.toString());
        Side.checkRegular(file);
        try (InputStream in = Files.newInputStream(file)) {
            byte[] bytes = in.readNBytes(LARGEST_FILE + 1);
            if (bytes.length > LARGEST_FILE) {
                throw new TokenizerException(
                        "has more than the %d MiB that are read".formatted(LARGEST_FILE >> 20));
            }
            return parse(bytes);
        } catch (UnsupportedTokenizerException e) {
            throw new UnsupportedTokenizerException(name + ": " + e.getMessage());
        } catch (TokenizerException e) {
            throw new TokenizerException(name + ": " + e.getMessage());
        } catch (IOException e) {
            throw new TokenizerException(name + ": cannot be read: " + Quote.printable("" + e));
        }
    }

    static TokenizerModel parse(byte[] bytes) {
        var model = new Parts();
        for (Protobuf field = new Protobuf(bytes); field.next(); ) {
            switch (field.number()) {
                case 1 -> model.pieces.add(piece(field.message(), model.pieces.size()));
                case 2 -> model.trainer(field.message());
                case 3 -> model.normalizer(field.message());
                default -> field.skip();
            }
            if (model.pieces.size() > MOST_PIECES) {
                throw new TokenizerException("more than %d pieces".formatted(MOST_PIECES));
            }
        }
        return model.complete();
    }

    private static Piece piece(Protobuf field, int id) {
        String text = "";
        float score = 0;
        long type = 1;
        while (field.next()) {
            switch (field.number()) {
                case 1 -> text = field.text();
                case 2 -> score = field.f32();
                case 3 -> type = field.whole();
                default -> field.skip();
            }
        }
        if (text.isEmpty() || type < 1 || type > 6 || !Float.isFinite(score)) {
            throw new TokenizerException(
                    "piece %d: wanted a text, a finite score and a type from 1 to 6, got %s, %s and %d"
                            .formatted(id, Quote.quote(text), score, type));
        }
        return new Piece(text, score, (int) type);
    }

    /// What has been read.
    private static final class Parts {
        private final List<Piece> pieces = new ArrayList<>();
        private long model = 1;
        private byte[] charsmap = {};
        private boolean addDummyPrefix = true;
        private boolean removeExtraWhitespaces = true;
        private boolean escapeWhitespaces = true;
        private boolean suffix;

        void trainer(Protobuf field) {
            while (field.next()) {
                switch (field.number()) {
                    case 3 -> model = field.whole();
                    case 24 -> suffix = field.flag(); // treat_whitespace_as_suffix
                    default -> field.skip();
                }
            }
        }

        void normalizer(Protobuf field) {
            while (field.next()) {
                switch (field.number()) {
                    case 2 -> charsmap = field.raw();
                    case 3 -> addDummyPrefix = field.flag();
                    case 4 -> removeExtraWhitespaces = field.flag();
                    case 5 -> escapeWhitespaces = field.flag();
                    default -> field.skip();
                }
            }
        }

        TokenizerModel complete() {
            if (pieces.isEmpty()) {
                throw new TokenizerException("has no pieces, is no model of SentencePiece");
            }
            if (model != 1 && model != 2) {
                throw unsupported("model type %d (known: 1 unigram, 2 BPE)".formatted(model));
            }
            if (!escapeWhitespaces || suffix) {
                throw unsupported(suffix ? "treat_whitespace_as_suffix" : "no escape_whitespaces");
            }
            if (model == 2 && charsmap.length > 0) {
                throw unsupported("a table of replacements with a BPE model");
            }
            if (model == 2 && removeExtraWhitespaces) {
                throw unsupported("remove_extra_whitespaces with a BPE model");
            }
            return new TokenizerModel(
                    List.copyOf(pieces),
                    model == 1,
                    charsmap,
                    addDummyPrefix,
                    removeExtraWhitespaces);
        }

        private static UnsupportedTokenizerException unsupported(String what) {
            return new UnsupportedTokenizerException(what + " is not supported");
        }
    }
}
