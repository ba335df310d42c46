package dev.jinrai.cli;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// How measurements are shown. Units are powers of ten (`GB`) for speed, of two (`MiB`) for sizes.
enum BenchReport {
    /// A table for people and for documents; the machine is below it.
    MARKDOWN {
        @Override
        void print(BenchSubject subject, List<Measurement> measurements, Output out) {
            out.println(
                    "| model | size | weights | backend | threads | test | tok/s | GB/s | of"
                            + " bandwidth | peak memory |");
            out.println("|---|---:|---:|---|---:|---|---:|---:|---:|---:|");
            for (Measurement m : measurements) {
                OptionalDouble speed = m.bytesPerSecond(subject.traffic());
                out.println(
                        "| %s | %s | %s | %s | %d | %s | %.2f%s | %s | %s | %s |"
                                .formatted(
                                        modelName(subject),
                                        Bytes.of(subject.modelBytes()),
                                        millions(subject.parameters()),
                                        subject.backend(),
                                        subject.threads(),
                                        m.test().label(),
                                        m.mean(),
                                        shown(m.deviation(), " ± %.2f", 1),
                                        shown(speed, "%.1f", 1e-9),
                                        shown(subject.fraction(speed), "%.0f %%", 100),
                                        Bytes.of(m.peak().bytes())));
            }
            out.println("");
            out.println(
                    "%s, %s, %s, %s; keys and values %s; %d thread%s%s; peak memory: %s"
                            .formatted(
                                    subject.machine().cpu(),
                                    subject.device(),
                                    subject.machine().system(),
                                    subject.machine().jdk(),
                                    subject.kvType().label(),
                                    subject.threads(),
                                    subject.threads() == 1 ? "" : "s",
                                    shown(subject.readBandwidth(), " read %.1f GB/s", 1e-9),
                                    measurements.getLast().peak().kind()));
        }
    },

    /// An array with an object for each test.
    JSON {
        @Override
        void print(BenchSubject subject, List<Measurement> measurements, Output out) {
            out.println(Json.write(measurements.stream().map(m -> fields(subject, m)).toList()));
        }
    },

    /// The same fields, a line for each test below a line of their names.
    CSV {
        @Override
        void print(BenchSubject subject, List<Measurement> measurements, Output out) {
            var names = fields(subject, measurements.getFirst()).keySet();
            out.println(String.join(",", names));
            for (Measurement m : measurements) {
                out.println(
                        fields(subject, m).values().stream()
                                .map(BenchReport::cell)
                                .collect(Collectors.joining(",")));
            }
        }
    };

    abstract void print(BenchSubject subject, List<Measurement> measurements, Output out);

    private static Map<String, @Nullable Object> fields(BenchSubject subject, Measurement m) {
        OptionalDouble bytes = m.bytesPerToken(subject.traffic());
        OptionalDouble speed = m.bytesPerSecond(subject.traffic());
        var fields = new LinkedHashMap<String, @Nullable Object>();
        fields.put("test", m.test().label());
        fields.put("tokens", m.test().tokens());
        fields.put("depth_tokens", m.test().depth());
        fields.put("tokens_per_second", m.mean());
        fields.put("tokens_per_second_deviation", orNull(m.deviation()));
        fields.put("tokens_per_second_samples", m.samples());
        fields.put("bytes_per_token", orNull(bytes));
        fields.put("bytes_per_second", orNull(speed));
        fields.put("read_bandwidth_bytes_per_second", orNull(subject.readBandwidth()));
        fields.put("read_bandwidth_fraction", orNull(subject.fraction(speed)));
        fields.put("peak_memory_bytes", m.peak().bytes());
        fields.put("peak_memory_kind", m.peak().kind());
        fields.put("model", subject.file().toString());
        fields.put("model_bytes", subject.modelBytes());
        fields.put("model_weights", subject.parameters());
        fields.put("backend", subject.backend());
        fields.put("device", subject.device());
        fields.put("threads", subject.threads());
        fields.put("kv_type", subject.kvType().label());
        fields.put("cpu", subject.machine().cpu());
        fields.put("system", subject.machine().system());
        fields.put("jdk", subject.machine().jdk());
        fields.put("jinrai", Program.Version.number());
        return fields;
    }

    private static @Nullable Double orNull(OptionalDouble value) {
        return value.isPresent() ? value.getAsDouble() : null;
    }

    private static String shown(OptionalDouble value, String format, double scale) {
        return value.isPresent() ? format.formatted(value.getAsDouble() * scale) : "";
    }

    /// A bar in the name of a file would end its cell.
    private static String modelName(BenchSubject subject) {
        return Printable.line(String.valueOf(subject.file().getFileName())).replace("|", "\\|");
    }

    private static String millions(long weights) {
        return "%.1f M".formatted(weights / 1e6);
    }

    /// Texts are quoted, a list's numbers parted by spaces, what is not there is empty (RFC 4180).
    private static String cell(@Nullable Object value) {
        return switch (value) {
            case null -> "";
            case List<?> numbers ->
                    numbers.stream().map(String::valueOf).collect(Collectors.joining(" "));
            case String text -> "\"%s\"".formatted(text.replace("\"", "\"\""));
            default -> value.toString();
        };
    }
}
