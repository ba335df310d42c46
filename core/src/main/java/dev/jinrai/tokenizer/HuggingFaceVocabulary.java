package dev.jinrai.tokenizer;

import dev.jinrai.tokenizer.pipeline.PostProcessor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;

/// The [Vocabulary] of a `tokenizer.json`: texts, types, and the parts that tokens play.
final class HuggingFaceVocabulary {
    private HuggingFaceVocabulary() {}

    /// @param special the tokens around a text
    /// @param bytes whether tokens `<0xE2>` are bytes
    /// @param notices what is to be said beside what is found here
    static Vocabulary of(
            HuggingFaceIds ids,
            HuggingFaceSettings settings,
            PostProcessor special,
            boolean bytes,
            List<String> notices) {
        String[] texts = new String[ids.limit()];
        int[] types = new int[ids.limit()];
        Arrays.fill(texts, "");
        Arrays.fill(types, TokenType.UNUSED.number());
        PieceVocabulary pieces = ids.pieces();
        pieces.ids() // of a text that stands twice, one
                .forEach((text, id) -> {
                    texts[id] = text;
                    boolean isByte = bytes && text.matches("<0x[0-9A-F]{2}>");
                    types[id] = (isByte ? TokenType.BYTE : TokenType.NORMAL).number();
                });
        for (AddedTokens.Entry entry : ids.added()) {
            texts[entry.id()] = entry.token().content();
            types[entry.id()] =
                    (entry.token().special() ? TokenType.CONTROL : TokenType.USER_DEFINED).number();
        }
        VocabularyBuilder builder =
                new VocabularyBuilder().tokens(Arrays.asList(texts)).types(types);
        if (pieces.scores().length > 0) {
            float[] scores = new float[ids.limit()];
            for (int id = 0; id < pieces.scores().length; id++) {
                scores[id] = (float) pieces.scores()[id];
            }
            builder.scores(scores);
        }
        part(builder, SpecialToken.UNKNOWN, ids.id("unk_token"));
        part(builder, SpecialToken.SEPARATOR, ids.id("sep_token"));
        part(builder, SpecialToken.PADDING, ids.id("pad_token"));
        part(builder, SpecialToken.MASK, ids.id("mask_token"));
        OptionalInt bos = first(ids.id("bos_token"), ids.id("cls_token"), only(special.front()));
        OptionalInt eos = first(ids.id("eos_token"), ids.id("sep_token"), only(special.end()));
        part(builder, SpecialToken.BOS, bos);
        part(builder, SpecialToken.EOS, eos);
        builder.addBos(bos.isPresent() && special.front().equals(List.of(bos.getAsInt())));
        builder.addEos(eos.isPresent() && special.end().equals(List.of(eos.getAsInt())));
        builder.cleanUpSpaces(settings.cleanUp());
        List<String> all = new ArrayList<>(notices);
        for (int id : settings.ends()) {
            if (id < ids.limit()) {
                builder.ends(id);
            } else {
                all.add(
                        "generation ends at token %d, which is outside the vocabulary of %d tokens"
                                .formatted(id, ids.limit()));
            }
        }
        all.forEach(builder::notice);
        return builder.build();
    }

    private static void part(VocabularyBuilder builder, SpecialToken part, OptionalInt id) {
        id.ifPresent(token -> builder.special(part, token));
    }

    private static OptionalInt first(OptionalInt... ids) {
        return Arrays.stream(ids)
                .filter(OptionalInt::isPresent)
                .findFirst()
                .orElse(OptionalInt.empty());
    }

    private static OptionalInt only(List<Integer> ids) {
        return ids.size() == 1 ? OptionalInt.of(ids.getFirst()) : OptionalInt.empty();
    }
}
