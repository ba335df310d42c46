package dev.jinrai.huggingface;

import dev.jinrai.gguf.Quote;
import dev.jinrai.json.Json;
import dev.jinrai.json.JsonNode;
import dev.jinrai.json.JsonValue;
import dev.jinrai.model.ModelException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/// `config.json`, and which of its keys somebody has asked for. A key whose value is null counts as missing.
///
/// Every problem is a [ModelException] whose message names the file and the key.
final class Config {
    static final String NAME = "config.json";

    /// What says nothing about the computation: training, bookkeeping, the form of results.
    private static final Set<String> ASIDE =
            Set.of(
                    "_attn_implementation",
                    "_attn_implementation_autoset",
                    "_commit_hash",
                    "_flash_attn_2_enabled",
                    "_name_or_path",
                    "attention_dropout",
                    "auto_map",
                    "bos_token_id",
                    "chunk_size_feed_forward",
                    "dtype",
                    "embd_pdrop",
                    "eos_token_id",
                    "finetuning_task",
                    "hidden_dropout",
                    "hidden_dropout_prob",
                    "id2label",
                    "initializer_range",
                    "is_decoder",
                    "is_encoder_decoder",
                    "label2id",
                    "model_type",
                    "output_attentions",
                    "output_hidden_states",
                    "output_router_logits",
                    "pad_token_id",
                    "pretraining_tp",
                    "problem_type",
                    "resid_pdrop",
                    "return_dict",
                    "router_aux_loss_coef",
                    "task_specific_params",
                    "tokenizer_class",
                    "torch_dtype",
                    "torchscript",
                    "transformers_version",
                    "unk_token_id",
                    "unsloth_fixed",
                    "unsloth_version",
                    "use_bfloat16",
                    "use_cache");

    private final String file;
    private final JsonNode root;
    private final Set<String> read = new HashSet<>();

    private Config(String file, JsonNode root) {
        this.file = file;
        this.root = root;
    }

    static Config read(Path directory) {
        Path path = directory.resolve(NAME);
        String file = Quote.printable(path.toString());
        return Side.checked(() -> {
            Side.checkRegular(path);
            JsonNode root = Json.read(path).named(file);
            root.members(); // throws
            return new Config(file, root);
        });
    }

    /// {@return a part of it, an object, empty if there is none}
    Optional<Config> part(String key) {
        return find(key).map(node -> new Config(file, node));
    }

    /// {@return the class of `transformers` that computes with the weights}
    String architecture() {
        return checked(() -> {
            List<JsonNode> classes = get("architectures").items();
            if (classes.size() != 1) {
                throw get("architectures")
                        .wrong("wanted one class, got %d".formatted(classes.size()));
            }
            return classes.getFirst().text();
        });
    }

    /// {@return whether the file has the key, be it with null}
    boolean states(String key) {
        return root.members().containsKey(key);
    }

    boolean has(String key) {
        return find(key).isPresent();
    }

    /// {@return a whole number from 1}
    int count(String key) {
        return checked(() -> get(key).whole(1, Integer.MAX_VALUE));
    }

    int count(String key, int absent) {
        return has(key) ? count(key) : absent;
    }

    double real(String key) {
        return checked(() -> get(key).real());
    }

    double real(String key, double absent) {
        return has(key) ? real(key) : absent;
    }

    boolean flag(String key, boolean absent) {
        return checked(() -> find(key).map(JsonNode::flag).orElse(absent));
    }

    String text(String key, String absent) {
        return checked(() -> find(key).map(JsonNode::text).orElse(absent));
    }

    List<Integer> counts(String key) {
        return checked(() ->
                get(key).items().stream().map(item -> item.whole(1, Integer.MAX_VALUE)).toList());
    }

    /// Refuses any other value than the one that is supported.
    void only(String key, String supported) {
        String text = text(key, supported);
        if (!text.equals(supported)) {
            throw wrong(
                    key,
                    "%s is not supported (wanted '%s')".formatted(Quote.quote(text), supported));
        }
    }

    void only(String key, boolean supported) {
        if (flag(key, supported) != supported) {
            throw wrong(key, "%s is not supported".formatted(!supported));
        }
    }

    void only(String key, double supported) {
        double value = real(key, supported);
        if (value != supported) {
            throw wrong(key, "%s is not supported (wanted %s)".formatted(value, supported));
        }
    }

    /// {@return the keys that nobody has read, which may say something that nobody has heard}
    List<String> unread() {
        List<String> unread = new ArrayList<>();
        for (Map.Entry<String, JsonValue> member : root.members().entrySet()) {
            boolean says =
                    switch (member.getValue()) {
                        case JsonValue.Null _ -> false;
                        case JsonValue.Flag(boolean flag) -> flag;
                        case JsonValue.Numeral number -> number.real() != 0;
                        case JsonValue.Text(String text) -> !text.isEmpty();
                        case JsonValue.Items(List<JsonValue> items) -> !items.isEmpty();
                        case JsonValue.Members(Map<String, JsonValue> members) ->
                                !members.isEmpty();
                    };
            if (says && !read.contains(member.getKey()) && !ASIDE.contains(member.getKey())) {
                unread.add(member.getKey());
            }
        }
        return unread;
    }

    ModelException wrong(String key, String problem) {
        String path = root.path();
        return new ModelException(
                "%s: %s: %s"
                        .formatted(
                                file,
                                Quote.printable(path.isEmpty() ? key : path + "." + key),
                                problem));
    }

    private JsonNode get(String key) {
        return find(key).orElseGet(() -> root.get(key)); // says that it is missing
    }

    private Optional<JsonNode> find(String key) {
        read.add(key);
        return checked(() -> root.find(key));
    }

    private static <T> T checked(Supplier<T> reading) {
        return Side.checked(reading);
    }
}
