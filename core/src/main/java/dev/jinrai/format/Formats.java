package dev.jinrai.format;

import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/// Finds the [Format] of a [GgmlType].
public final class Formats {
    /// Every format, in the order of [GgmlType].
    public static final List<Format> ALL =
            List.of(
                    new F32(),
                    new F16(),
                    new Q4_0(),
                    new Q4_1(),
                    new Q5_0(),
                    new Q5_1(),
                    new Q8_0(),
                    new Q2_K(),
                    new Q3_K(),
                    new Q4_K(),
                    new Q5_K(),
                    new Q6_K(),
                    new Q8_K(),
                    new IQ2_XXS(),
                    new IQ2_XS(),
                    new IQ3_XXS(),
                    new IQ1_S(),
                    new IQ4_NL(),
                    new IQ3_S(),
                    new IQ2_S(),
                    new IQ4_XS(),
                    new IQ1_M(),
                    new BF16(),
                    new TQ1_0(),
                    new TQ2_0(),
                    new MXFP4(),
                    new NVFP4(),
                    new Q1_0(),
                    new Q2_0());

    /// Those that weights can be written in.
    public static final List<EncodableFormat> ENCODABLE =
            ALL.stream()
                    .filter(EncodableFormat.class::isInstance)
                    .map(EncodableFormat.class::cast)
                    .toList();

    private Formats() {}

    /// {@return the format of tensors of this type}
    ///
    /// @throws UnsupportedFormatException if this build cannot decode the type
    public static Format of(GgmlType type) {
        return find(ALL, type)
                .orElseThrow(() ->
                        new UnsupportedFormatException(
                                "tensor type %s is not supported (known: %s)"
                                        .formatted(type, names())));
    }

    /// {@return the format that writes tensors of this type}
    ///
    /// @throws UnsupportedFormatException if this build cannot encode the type
    public static EncodableFormat encodable(GgmlType type) {
        return find(ENCODABLE, type)
                .orElseThrow(() ->
                        new UnsupportedFormatException(
                                "tensor type %s cannot be written (known: %s)"
                                        .formatted(type, names(ENCODABLE))));
    }

    /// {@return whether [#of] has an answer for `type`}
    public static boolean supports(GgmlType type) {
        return find(ALL, type).isPresent();
    }

    /// {@return the names of all formats, for messages}
    public static String names() {
        return names(ALL);
    }

    private static <F extends Format> Optional<F> find(List<F> formats, GgmlType type) {
        return formats.stream().filter(format -> format.type() == type).findFirst();
    }

    private static String names(List<? extends Format> formats) {
        return formats.stream()
                .map(f -> f.type().name())
                .sorted()
                .collect(Collectors.joining(", "));
    }
}
