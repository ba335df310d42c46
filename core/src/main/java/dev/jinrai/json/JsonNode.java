package dev.jinrai.json;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// A value and its place in its document. Immutable.
///
/// What is not as it is asked for is a [JsonException] that names the place: `decoder.decoders[1].type`.
public final class JsonNode {
    private final @Nullable JsonNode parent;
    private final String step; // from the parent: `.key` or `[3]`
    private final JsonValue value;

    private JsonNode(@Nullable JsonNode parent, String step, JsonValue value) {
        this.parent = parent;
        this.step = step;
        this.value = value;
    }

    /// The whole document.
    public static JsonNode root(JsonValue value) {
        return new JsonNode(null, "", value);
    }

    public JsonValue value() {
        return value;
    }

    public boolean isNull() {
        return value instanceof JsonValue.Null;
    }

    /// The value of a key.
    ///
    /// @throws JsonException if this is no object, or has no such key
    public JsonNode get(String key) {
        JsonValue member = members().get(key);
        if (member == null) {
            throw wrong("has no key '%s'".formatted(JsonReader.shown(key)));
        }
        return child(key, member);
    }

    /// The value of a key, empty if there is none or it is null.
    ///
    /// @throws JsonException if this is no object
    public Optional<JsonNode> find(String key) {
        JsonValue member = members().get(key);
        return member == null || member instanceof JsonValue.Null
                ? Optional.empty()
                : Optional.of(child(key, member));
    }

    private JsonNode child(String key, JsonValue member) {
        return new JsonNode(this, "." + key, member);
    }

    /// The keys and values of this object.
    public Map<String, JsonValue> members() {
        if (value instanceof JsonValue.Members members) {
            return members.values();
        }
        throw wanted("an object");
    }

    /// The items of this array.
    public List<JsonNode> items() {
        if (!(value instanceof JsonValue.Items items)) {
            throw wanted("an array");
        }
        List<JsonNode> nodes = new ArrayList<>(items.values().size());
        for (JsonValue item : items.values()) {
            nodes.add(new JsonNode(this, "[" + nodes.size() + "]", item));
        }
        return nodes;
    }

    public String text() {
        if (value instanceof JsonValue.Text text) {
            return text.value();
        }
        throw wanted("a string");
    }

    public boolean flag() {
        if (value instanceof JsonValue.Flag flag) {
            return flag.value();
        }
        throw wanted("true or false");
    }

    public double real() {
        if (value instanceof JsonValue.Numeral number) {
            return number.real();
        }
        throw wanted("a number");
    }

    /// A whole number of `least` to `most`, both included.
    public int whole(int least, int most) {
        double real = real();
        if (real != Math.rint(real) || real < least || real > most) {
            throw wrong(
                    "wanted a whole number of %d to %d, got %s"
                            .formatted(
                                    least,
                                    most,
                                    JsonReader.shown(((JsonValue.Numeral) value).literal())));
        }
        return (int) real;
    }

    /// The text of a key, or what holds without it.
    public String text(String key, String absent) {
        return find(key).map(JsonNode::text).orElse(absent);
    }

    /// The truth value of a key, or what holds without it.
    public boolean flag(String key, boolean absent) {
        return find(key).map(JsonNode::flag).orElse(absent);
    }

    /// How to get here from the whole document, `model.merges[3]`; empty for the document itself.
    public String path() {
        StringBuilder path = new StringBuilder();
        for (JsonNode node = this; node != null; node = node.parent) {
            path.insert(0, node.step);
        }
        String steps = path.toString();
        return steps.startsWith(".") ? steps.substring(1) : steps;
    }

    private JsonException wanted(String wanted) {
        return wrong("wanted %s, got %s".formatted(wanted, value.kind()));
    }

    /// {@return an error about this place}
    public JsonException wrong(String what) {
        String path = path();
        return new JsonException(path.isEmpty() ? what : JsonReader.shown(path) + ": " + what);
    }
}
