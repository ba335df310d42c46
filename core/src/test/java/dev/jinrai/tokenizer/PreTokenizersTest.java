package dev.jinrai.tokenizer;

import static dev.jinrai.tokenizer.TokenizerGoldens.open;
import static dev.jinrai.tokenizer.TokenizerGoldens.read;
import static dev.jinrai.tokenizer.TokenizerGoldens.wrongIds;
import static org.assertj.core.api.Assertions.assertThat;

import dev.jinrai.testing.Goldens;
import dev.jinrai.tokenizer.PreTokenizer.Trait;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/// Every name by itself: whose words it has, and what else hangs on it.
final class PreTokenizersTest {
    /// Words as in `pre_split/WORDS.jsonl`, traits, names. Asked of llama.cpp 0.7.0 with `presplit`
    /// under each name: ids, whether BOS and SEP are added, texts; and with all merges but one cut
    /// out, whether words that are tokens are those tokens.
    private static final String TABLE =
            """
            default | clean_up_spaces | default
            gpt-2 | clean_up_spaces | gpt-2 phi-2 mpt olmo jais exaone4 mellum modern-bert
            gpt-2 | clean_up_spaces | gigachat a.x-4.0 jina-v2-es jina-v2-de jina-es jina-de
            gpt-2 | add_sep clean_up_spaces | roberta-bpe jina-v1-en jina-v2-code
            gpt-2 | | trillion granite-docling
            starcoder | clean_up_spaces | starcoder refact codeshell exaone minerva-7b mellum2
            starcoder | | command-r smollm
            falcon | clean_up_spaces | falcon
            dbrx | add_bos ignore_merges clean_up_spaces | llama-bpe llama3 llama-v3 falcon3 falcon-h1
            dbrx | add_bos ignore_merges clean_up_spaces | pixtral midm-2.0 lfm2 jina-v5-nano
            dbrx | clean_up_spaces | dbrx smaug-bpe
            dbrx | no_bos ignore_merges clean_up_spaces | glm4 glm5
            dbrx | no_bos clean_up_spaces | chatglm-bpe
            jais-2 | clean_up_spaces | jais-2
            minicpm5 | ignore_merges clean_up_spaces | minicpm5
            qwen2 | | qwen2 deepseek-r1-qwen hunyuan solar-open grok-2 bailingmoe bailingmoe2
            qwen2 | | llada-moe f2llmv2 kormo ufakzeka
            qwen2 | clean_up_spaces | stablelm2 megrez
            qwen35 | | qwen35
            seed-coder | | seed-coder
            laguna | | laguna
            exaone-moe | clean_up_spaces | exaone-moe
            tekken | add_bos ignore_merges | tekken
            gpt-4o | | gpt-4o llama4 kanana2 minimax-m2
            granite-embed-multi-97m | ignore_merges | granite-embed-multi-97m
            youtu | ignore_merges | youtu
            tiny_aya | | tiny_aya
            deepseek-llm | | deepseek-llm
            deepseek-coder | | deepseek-coder
            deepseek-v3 | | deepseek-v3 hunyuan-dense joyai-llm
            afmoe | | afmoe
            superbpe | | superbpe
            chameleon | add_bos | chameleon
            kimi-k2 | | kimi-k2
            bloom | clean_up_spaces | bloom gpt3-finnish
            bloom | | poro-chat
            viking | | viking
            gemma4 | characters clean_up_spaces | gemma4 granite-embed-multi-311m
            """;

    private record Row(String words, Set<Trait> traits, List<String> names) {
        static Row of(String line) {
            String[] cells = line.split("\\|", -1);
            Set<Trait> traits = EnumSet.noneOf(Trait.class);
            for (String trait : words(cells[1])) {
                traits.add(Trait.valueOf(trait.toUpperCase(Locale.ROOT)));
            }
            return new Row(cells[0].strip(), traits, words(cells[2]));
        }

        private static List<String> words(String cell) {
            return cell.isBlank() ? List.of() : List.of(cell.strip().split(" ", -1));
        }
    }

    private static List<Row> rows() {
        return TABLE.lines().map(Row::of).toList();
    }

    @Test
    void theTableHasEveryName() {
        Set<String> names =
                rows().stream()
                        .flatMap(row -> row.names.stream())
                        .collect(Collectors.toCollection(TreeSet::new));
        assertThat(PreTokenizers.names()).containsExactlyElementsOf(names);
    }

    @Test
    void everyNameHasItsTraits() {
        for (Row row : rows()) {
            for (String name : row.names) {
                assertThat(PreTokenizers.named(name).traits()).as(name).isEqualTo(row.traits);
            }
        }
    }

    @Test
    void everyNameAddsAndSplitsAsItsRowSays() {
        List<String> wrong = new ArrayList<>();
        for (Row row : rows()) {
            List<JsonNode> lines =
                    read(Goldens.file("tokenizers/pre_split/" + row.words + ".jsonl")).stream()
                            .filter(line -> !line.get("add_special").asBoolean())
                            .toList();
            for (String name : row.names) {
                Tokenizer tokenizer =
                        open(Goldens.file("tokenizers/presplit/ggml-vocab-presplit.gguf"), name);
                Vocabulary vocabulary = tokenizer.vocabulary();
                assertThat(vocabulary.addBos())
                        .as(name)
                        .isEqualTo(
                                row.traits.contains(Trait.ADD_BOS)
                                        || row.traits.contains(Trait.CHARACTERS));
                assertThat(vocabulary.addSep())
                        .as(name)
                        .isEqualTo(row.traits.contains(Trait.ADD_SEP));
                assertThat(vocabulary.cleanUpSpaces())
                        .as(name)
                        .isEqualTo(row.traits.contains(Trait.CLEAN_UP_SPACES));
                wrongIds(tokenizer, lines).forEach(line -> wrong.add(name + ": " + line));
            }
        }
        assertThat(wrong).isEmpty();
    }
}
