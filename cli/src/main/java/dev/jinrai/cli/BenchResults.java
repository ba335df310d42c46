package dev.jinrai.cli;

import dev.jinrai.Model;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;

/// What a bench has measured so far. It is shown once: at the end, or when Ctrl-C cuts it short, which
/// another thread hears.
final class BenchResults {
    private final Model model;
    private final List<Trial> tests;
    private final BenchReport report;
    private final Io io;
    private final List<Measurement> measured = new ArrayList<>();
    private boolean complete;

    BenchResults(Model model, List<Trial> tests, BenchReport report, Io io) {
        this.model = model;
        this.tests = tests;
        this.report = report;
        this.io = io;
    }

    /// Keeps the next test's.
    synchronized void add(Measurement measurement) {
        measured.add(measurement);
    }

    /// Shows all of them.
    synchronized void finish(OptionalDouble readBandwidth) {
        complete = true;
        show(readBandwidth);
    }

    /// Shows those there are, says which there are not, and ends the program: what is being measured may take
    /// minutes more.
    synchronized void interrupted() {
        try {
            if (!complete) {
                io.messages().progress("");
                if (!measured.isEmpty()) {
                    show(OptionalDouble.empty());
                }
                io.messages().notice("interrupted: left out " + missing());
            }
        } catch (RuntimeException | Error e) {
            Failures.report(e, io.messages());
        } finally {
            Runtime.getRuntime()
                    .halt(Failures.INTERRUPTED); // at once: no line of progress comes after
        }
    }

    private void show(OptionalDouble readBandwidth) {
        report.print(BenchSubject.of(model, readBandwidth), measured, io.out());
        io.out().flush();
    }

    /// The bandwidth is measured last, so it is missing always.
    private String missing() {
        List<String> labels = tests.stream().skip(measured.size()).map(Trial::label).toList();
        return labels.isEmpty()
                ? "the bandwidth of the memory"
                : String.join(", ", labels) + " and the bandwidth of the memory";
    }
}
