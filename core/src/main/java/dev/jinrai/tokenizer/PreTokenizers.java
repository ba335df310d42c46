package dev.jinrai.tokenizer;

import static dev.jinrai.tokenizer.PreTokenizer.Trait.ADD_BOS;
import static dev.jinrai.tokenizer.PreTokenizer.Trait.ADD_SEP;
import static dev.jinrai.tokenizer.PreTokenizer.Trait.CHARACTERS;
import static dev.jinrai.tokenizer.PreTokenizer.Trait.CLEAN_UP_SPACES;
import static dev.jinrai.tokenizer.PreTokenizer.Trait.IGNORE_MERGES;
import static dev.jinrai.tokenizer.PreTokenizer.Trait.NO_BOS;

import dev.jinrai.tokenizer.Cut.Matches;
import dev.jinrai.tokenizer.Cut.Thousands;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.stream.Stream;

/// The pre-tokenizers by their names in `tokenizer.ggml.pre`. A new one is a line here.
///
/// The patterns are those of the models' own tokenizers, as llama.cpp really applies them: `\p{Lu}`
/// and its siblings are all letters there. Some are written otherwise here, so that they match the
/// same in linear time.
final class PreTokenizers {
    /// What in most patterns ends the list: line ends with the white space before them, white space
    /// up to the last that stands before something else, white space.
    private static final String WHITE = "|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";

    private static final String CONTRACTION = "'(?:[sStTmMdD]|[rRvV][eE]|[lL][lL])";
    private static final String SIGNS = "| ?[^\\s\\p{L}\\p{N}]+";
    private static final String LEAD = "[^\\r\\n\\p{L}\\p{N}]?";
    private static final String KANA_AND_HAN = "\\u4e00-\\u9fa5\\u3040-\\u309f\\u30a0-\\u30ff";

    private static final String GPT_2 =
            "'(?:[stmd]|re|ve|ll)| ?\\p{L}+| ?\\p{N}+" + SIGNS + "|\\s+(?!\\S)|\\s+";
    private static final String QWEN_2 =
            CONTRACTION + "|" + LEAD + "\\p{L}+|\\p{N}" + SIGNS + "[\\r\\n]*" + WHITE;
    private static final String LLAMA_3 =
            CONTRACTION + "|" + LEAD + "\\p{L}+|\\p{N}{1,3}" + SIGNS + "[\\r\\n]*" + WHITE;

    /// A run of white space falls into powers of two, the largest first; the two smallest are one
    /// step. What has anything else in it stays whole.
    private static final String JAIS_2_SPACES =
            "\\A[\\s&&[^\\r\\n]]*+[\\S\\r\\n](?s:.)*+|\\s{512}|\\s{256}|\\s{128}|\\s{64}"
                    + "|\\s{32}|\\s{16}|\\s{8}|\\s{4}|\\s{1,2}";

    private static final String QWEN_35 =
            CONTRACTION
                    + "|"
                    + LEAD
                    + "[\\p{L}\\p{M}]+|\\p{N}| ?[^\\s\\p{L}\\p{M}\\p{N}]+[\\r\\n]*"
                    + WHITE;
    private static final String SEED_CODER =
            CONTRACTION + "|" + LEAD + "\\p{L}+|\\p{N}| ?[^\\s\\p{L}\\p{N}\\r\\n]+" + WHITE;

    /// Words of letters and marks, single spaces between them included.
    private static final String EXAONE_MOE =
            CONTRACTION
                    + "|"
                    + LEAD
                    + "\\p{L}(?:[\\p{L}\\p{M}]| (?=\\p{L}))*+|\\p{N}"
                    + SIGNS
                    + "[\\r\\n/]?|\\s*[\\r\\n]|\\s+(?!\\S)|\\s+";

    /// A word is capitals and then others, as in `Camel` `Case`. Only A to Z and a to z have a case.
    private static final String TEKKEN =
            LEAD
                    + "[\\p{L}&&[^a-z]]*[\\p{L}&&[^A-Z]]+|"
                    + LEAD
                    + "[\\p{L}&&[^a-z]]+[\\p{L}&&[^A-Z]]*|\\p{N}"
                    + SIGNS
                    + "[\\r\\n/]*"
                    + WHITE;

    private static final String GPT_4O =
            LEAD
                    + "[\\p{L}&&[^a-z]]*[\\p{L}&&[^A-Z]]+(?:"
                    + CONTRACTION
                    + ")?|"
                    + LEAD
                    + "[\\p{L}&&[^a-z]]+[\\p{L}&&[^A-Z]]*(?:"
                    + CONTRACTION
                    + ")?|\\p{N}{1,3}"
                    + SIGNS
                    + "[\\r\\n/]*"
                    + WHITE;

    /// As GPT-4o, with marks in words.
    private static final String GRANITE_EMBEDDING =
            LEAD
                    + "[[\\p{L}\\p{M}]&&[^a-z]]*[[\\p{L}\\p{M}]&&[^A-Z]]+(?:"
                    + CONTRACTION
                    + ")?|"
                    + LEAD
                    + "[[\\p{L}\\p{M}]&&[^a-z]]+[[\\p{L}\\p{M}]&&[^A-Z]]*(?:"
                    + CONTRACTION
                    + ")?|\\p{N}{1,3}"
                    + SIGNS
                    + "[\\r\\n/]*"
                    + WHITE;

    private static final String YOUTU =
            LEAD + "[\\p{L}\\p{M}]+(?:" + CONTRACTION + ")?|\\p{N}" + SIGNS + "[\\r\\n/]*" + WHITE;
    private static final String TINY_AYA =
            LEAD
                    + "[\\p{L}\\p{M}]+(?:"
                    + CONTRACTION
                    + ")?|\\p{N}{1,3}"
                    + SIGNS
                    + "[\\r\\n/]*"
                    + WHITE;
    private static final String YOUTU_SCRIPTS =
            "[\\uac00-\\ud7a3\\u3131-\\u318e]+"
                    + "|[\\uff01\\u2026\\u201c\\u201d\\u2018\\u2019\\u2014\\uff1a\\uff1b\\uff0c"
                    + "\\u3001-\\u303f\\ufe30-\\ufe4f]+"
                    + "|[\\u3105-\\u312f]+|["
                    + KANA_AND_HAN
                    + "]+";

    private static final String DEEPSEEK_3 =
            "[!-/:-@\\[-`{-~][A-Za-z]+"
                    + "|[^\\r\\n\\p{L}\\p{P}\\p{S}]?[\\p{L}\\p{M}]+"
                    + "| ?[\\p{P}\\p{S}]+[\\r\\n]*"
                    + WHITE;

    /// U+8C48 should be U+F900: both look the same, and llama.cpp has the wrong one. With it come
    /// Yi, Lisu, Vai, most of Hangul's letters and the private characters.
    private static final String AFMOE_SCRIPTS =
            "[\\u4e00-\\u9fff\\u3400-\\u4dbf\\u8c48-\\ufaff\\u3040-\\u309f\\u30a0-\\u30ff"
                    + "\\uff65-\\uff9f\\u2f00-\\u2fdf\\u0e40-\\u0e7f\\u0e80-\\u0eff\\u1780-\\u17ff"
                    + "\\u1000-\\u109f\\uaa60-\\uaa7f\\ua9e0-\\ua9ff\\uac00-\\ud7af"
                    + "\\u1100-\\u11ff]+";

    private static final String HAN =
            "\\u4e00-\\u9fff\\u3400-\\u4dbf\\uf900-\\ufaff"
                    + "\\x{20000}-\\x{2a6df}\\x{2a700}-\\x{2ebef}\\x{2f800}-\\x{2fa1f}";
    private static final String KIMI_K2 =
            "["
                    + HAN
                    + "]+|"
                    + LEAD
                    + "[\\p{L}&&[^"
                    + HAN
                    + "]]+(?:"
                    + CONTRACTION
                    + ")?|\\p{N}{1,3}"
                    + SIGNS
                    + "[\\r\\n]*"
                    + WHITE;

    private static final String BLOOM =
            " ?[^(\\s|.,!?\\u2026\\u3002\\uff0c\\u3001\\u0964\\u06d4\\u060c)]+";

    /// Letters that have a case, as of Unicode 11, without some blocks.
    private static final String DEEPSEEK_LETTERS =
            "A-Za-z\\u00b5\\u00c0-\\u00d6\\u00d8-\\u00f6\\u00f8-\\u01ba\\u01bc-\\u01bf"
                    + "\\u01c4-\\u0293\\u0295-\\u02af\\u0370-\\u0373\\u0376\\u0377\\u037b-\\u037d"
                    + "\\u037f\\u0386\\u0388-\\u038a\\u038c\\u038e-\\u03a1\\u03a3-\\u03f5"
                    + "\\u03f7-\\u0481\\u048a-\\u052f\\u0531-\\u0556\\u10a0-\\u10c5\\u13a0-\\u13f5"
                    + "\\u13f8-\\u13fd\\u1c90-\\u1cba\\u1cbd-\\u1cbf\\u1d00-\\u1d2b\\u1d6b-\\u1d77"
                    + "\\u1d79-\\u1d9a\\u1e00-\\u1f15\\u1f18-\\u1f1d\\u1f20-\\u1f45\\u1f48-\\u1f4d"
                    + "\\u1f50-\\u1f57\\u1f59\\u1f5b\\u1f5d\\u1f5f-\\u1f7d\\u1f80-\\u1fb4"
                    + "\\u1fb6-\\u1fbc\\u1fbe\\u1fc2-\\u1fc4\\u1fc6-\\u1fcc\\u1fd0-\\u1fd3"
                    + "\\u1fd6-\\u1fdb\\u1fe0-\\u1fec\\u1ff2-\\u1ff4\\u1ff6-\\u1ffc\\u2102\\u2107"
                    + "\\u210a-\\u2113\\u2115\\u2119-\\u211d\\u2124\\u2126\\u2128\\u212a-\\u212d"
                    + "\\u212f-\\u2134\\u2139\\u213c-\\u213f\\u2145-\\u2149\\u214e\\u2183\\u2184"
                    + "\\u2c00-\\u2c7b\\u2c7e-\\u2ce4\\u2ceb-\\u2cee\\u2cf2\\u2cf3\\ua640-\\ua66d"
                    + "\\ua680-\\ua69b\\ua722-\\ua76f\\ua771-\\ua787\\ua78b-\\ua78e\\uab70-\\uabbf"
                    + "\\ufb00-\\ufb06\\ufb13-\\ufb17\\uff21-\\uff3a\\uff41-\\uff5a"
                    + "\\x{10400}-\\x{1044f}\\x{104b0}-\\x{104d3}\\x{104d8}-\\x{104fb}"
                    + "\\x{10c80}-\\x{10cb2}\\x{10cc0}-\\x{10cf2}\\x{118a0}-\\x{118df}"
                    + "\\x{1e900}-\\x{1e943}";

    /// ASCII first: most characters never come to the long list.
    private static final String DEEPSEEK_WORDS =
            "\\s?[A-Za-z[\\x80-\\x{10ffff}&&[" + DEEPSEEK_LETTERS + "]]]+";

    /// U+0800 to the last of the common ideographs, whatever that may be, and Hangul.
    private static final String DEEPSEEK_SCRIPTS = "[\\u0800-\\u9fa5\\uac00-\\ud7ff&&\\S]+";

    private static final String DEEPSEEK_SIGNS =
            "\\s?[!-/:-~\\uff01-\\uff0f\\uff1a-\\uff5e\\u2018-\\u201f\\u3001\\u3002]+";

    private static final Map<String, Supplier<PreTokenizer>> KNOWN = new TreeMap<>();

    static {
        add(
                () ->
                        PreTokenizer.of(
                                cuts("[\\p{P}$+<=>^~|]+", GPT_2, "\\p{N}+", "[0-9]{3}"),
                                CLEAN_UP_SPACES),
                "default");
        add(
                () -> PreTokenizer.of(cuts(GPT_2), CLEAN_UP_SPACES),
                "gpt-2",
                "phi-2",
                "mpt",
                "olmo",
                "jais",
                "exaone4",
                "mellum",
                "modern-bert",
                "gigachat",
                "a.x-4.0",
                "jina-v2-es",
                "jina-v2-de",
                "jina-es",
                "jina-de");
        add(
                () -> PreTokenizer.of(cuts(GPT_2), ADD_SEP, CLEAN_UP_SPACES),
                "roberta-bpe",
                "jina-v1-en",
                "jina-v2-code");
        add(() -> PreTokenizer.of(cuts(GPT_2)), "trillion", "granite-docling");
        add(
                () -> PreTokenizer.of(cuts("\\p{N}", GPT_2), CLEAN_UP_SPACES),
                "starcoder",
                "refact",
                "codeshell",
                "exaone",
                "minerva-7b",
                "mellum2");
        add(() -> PreTokenizer.of(cuts("\\p{N}", GPT_2)), "command-r", "smollm");
        add(
                () ->
                        PreTokenizer.of(
                                cuts("[\\p{P}$+<=>^~|`]+", GPT_2, "[0-9]{3}"), CLEAN_UP_SPACES),
                "falcon");
        add(
                () -> PreTokenizer.of(cuts(LLAMA_3), ADD_BOS, IGNORE_MERGES, CLEAN_UP_SPACES),
                "llama-bpe",
                "llama3",
                "llama-v3",
                "falcon3",
                "falcon-h1",
                "pixtral",
                "midm-2.0",
                "lfm2",
                "jina-v5-nano");
        add(() -> PreTokenizer.of(cuts(LLAMA_3), CLEAN_UP_SPACES), "dbrx", "smaug-bpe");
        add(() -> PreTokenizer.of(cuts(LLAMA_3, JAIS_2_SPACES), CLEAN_UP_SPACES), "jais-2");
        add(
                () -> PreTokenizer.of(cuts("\\p{N}{1,3}", LLAMA_3), IGNORE_MERGES, CLEAN_UP_SPACES),
                "minicpm5");
        add(
                () -> PreTokenizer.of(cuts(LLAMA_3), NO_BOS, IGNORE_MERGES, CLEAN_UP_SPACES),
                "glm4",
                "glm5");
        add(() -> PreTokenizer.of(cuts(LLAMA_3), NO_BOS, CLEAN_UP_SPACES), "chatglm-bpe");
        add(
                () -> PreTokenizer.of(cuts(QWEN_2)),
                "qwen2",
                "deepseek-r1-qwen",
                "hunyuan",
                "solar-open",
                "grok-2",
                "bailingmoe",
                "bailingmoe2",
                "llada-moe",
                "f2llmv2",
                "kormo",
                "ufakzeka");
        add(() -> PreTokenizer.of(cuts(QWEN_2), CLEAN_UP_SPACES), "stablelm2", "megrez");
        add(() -> PreTokenizer.of(cuts(QWEN_35)), "qwen35");
        add(() -> PreTokenizer.of(cuts(SEED_CODER)), "seed-coder");
        add(() -> PreTokenizer.of(cuts("[^\\n]+|\\n+", QWEN_2)), "laguna");
        add(() -> PreTokenizer.of(cuts(EXAONE_MOE), CLEAN_UP_SPACES), "exaone-moe");
        add(() -> PreTokenizer.of(cuts(TEKKEN), ADD_BOS, IGNORE_MERGES), "tekken");
        add(() -> PreTokenizer.of(cuts(GPT_4O)), "gpt-4o", "llama4", "kanana2", "minimax-m2");
        add(
                () -> PreTokenizer.of(cuts(GRANITE_EMBEDDING), IGNORE_MERGES),
                "granite-embed-multi-97m");
        add(() -> PreTokenizer.of(cuts(YOUTU_SCRIPTS, YOUTU), IGNORE_MERGES), "youtu");
        add(
                () ->
                        PreTokenizer.of(
                                List.of(
                                        Thousands.of("\\p{N}+", Thousands.Edges.END),
                                        Matches.of(TINY_AYA))),
                "tiny_aya");
        add(
                () ->
                        PreTokenizer.of(
                                cuts(
                                        "[\\r\\n]",
                                        DEEPSEEK_WORDS,
                                        DEEPSEEK_SIGNS,
                                        "(?<!\\s)\\s++\\z",
                                        DEEPSEEK_SCRIPTS,
                                        "\\p{N}+")),
                "deepseek-llm");
        add(
                () ->
                        PreTokenizer.of(
                                cuts(
                                        "[\\r\\n]",
                                        "\\s?\\p{L}+",
                                        "\\s?\\p{P}+",
                                        DEEPSEEK_SCRIPTS,
                                        "\\p{N}")),
                "deepseek-coder");
        add(
                () -> PreTokenizer.of(cuts("\\p{N}{1,3}", "[" + KANA_AND_HAN + "]+", DEEPSEEK_3)),
                "deepseek-v3",
                "hunyuan-dense",
                "joyai-llm");
        add(
                () ->
                        PreTokenizer.of(
                                List.of(
                                        Thousands.of("\\p{N}+", Thousands.Edges.END),
                                        Matches.of(AFMOE_SCRIPTS),
                                        Matches.of(DEEPSEEK_3))),
                "afmoe");
        add(
                () ->
                        PreTokenizer.of(
                                List.of(
                                        Matches.of("\\p{N}+"),
                                        Thousands.of("[0-9]+", Thousands.Edges.FULL_START))),
                "superbpe");
        add(
                () ->
                        PreTokenizer.of(
                                cuts(
                                        "<sentinel:[0-9]++>",
                                        "IMGIMG[A-I]{1,4}Z",
                                        "[\\t\\n]|    |  ",
                                        "\\p{N}",
                                        "[\\p{P}!-/:-@\\[-`{-~]",
                                        GPT_2),
                                ADD_BOS),
                "chameleon");
        add(() -> PreTokenizer.of(cuts(KIMI_K2)), "kimi-k2");
        add(() -> PreTokenizer.of(cuts(BLOOM), CLEAN_UP_SPACES), "bloom", "gpt3-finnish");
        add(() -> PreTokenizer.of(cuts(BLOOM)), "poro-chat");
        add(() -> PreTokenizer.of(cuts(BLOOM, "\\p{N}")), "viking");
        add(
                () -> PreTokenizer.of(cuts("[^\\n]+|\\n+"), CHARACTERS, CLEAN_UP_SPACES),
                "gemma4",
                "granite-embed-multi-311m");
    }

    private PreTokenizers() {}

    private static void add(Supplier<PreTokenizer> made, String... names) {
        for (String name : names) {
            KNOWN.put(name, made);
        }
    }

    /// The names, in alphabetical order.
    static Set<String> names() {
        return Collections.unmodifiableSet(KNOWN.keySet());
    }

    /// @throws UnsupportedTokenizerException if no pre-tokenizer has this name
    static PreTokenizer named(String name) {
        Supplier<PreTokenizer> made = KNOWN.get(name);
        if (made == null) {
            throw new UnsupportedTokenizerException(
                    "pre-tokenizer %s (key 'tokenizer.ggml.pre') is not supported (known: %s)"
                            .formatted(
                                    TokenizerException.quote(name),
                                    String.join(", ", KNOWN.keySet())));
        }
        return made.get();
    }

    private static List<Cut> cuts(String... patterns) {
        return Stream.of(patterns).<Cut>map(Matches::of).toList();
    }
}
