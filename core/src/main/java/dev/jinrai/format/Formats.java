package dev.jinrai.format;

import java.util.List;
import java.util.stream.Collectors;

/// Finds the [Format] of a [GgmlType].
public final class Formats {
    /// Every format, in the order of [GgmlType].
    public static final List<Format> ALL =
            List.of(
                    new F32(),
                    new F16(),
                    new Q4_0(),
                    new Q8_0(),
                    new Q4_K(),
                    new Q5_K(),
                    new Q6_K(),
                    new BF16());

    private Formats() {}

    /// {@return the format of tensors of this type}
    ///
    /// @throws UnsupportedFormatException if this build cannot decode the type
    public static Format of(GgmlType type) {
        return ALL.stream()
                .filter(f -> f.type() == type)
                .findFirst()
                .orElseThrow(() ->
                        new UnsupportedFormatException(
                                "tensor type %s is not supported (known: %s)"
                                        .formatted(type, names())));
    }

    /// {@return whether [#of] has an answer for `type`}
    public static boolean supports(GgmlType type) {
        return ALL.stream().anyMatch(f -> f.type() == type);
    }

    /// {@return the names of all formats, for messages}
    public static String names() {
        return ALL.stream().map(f -> f.type().name()).sorted().collect(Collectors.joining(", "));
    }
}
