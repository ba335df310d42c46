package dev.jinrai.cli;

import dev.jinrai.ModelOptions;
import dev.jinrai.backend.Availability.Available;
import dev.jinrai.backend.Availability.Unavailable;
import dev.jinrai.backend.Backend;
import dev.jinrai.backend.BackendException;
import dev.jinrai.backend.BackendOptions;
import dev.jinrai.backend.BackendProvider;
import dev.jinrai.backend.Backends;
import dev.jinrai.backend.Device;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `jinrai selftest`: whether every backend computes here what it should.
@Command(
        name = "selftest",
        sortOptions = false,
        abbreviateSynopsis = true,
        description = {
            "Compares every backend and device of this machine with the plain loops of 'scalar':"
                    + " each verb, each format of weights, keys and values, and the demo model. The"
                    + " table is what to send with a report of a wrong answer.",
            ""
        })
final class SelfTestCommand implements Callable<Integer> {
    private static final String SPECIFICATION = "scalar";

    @Option(
            names = {"-b", "--backend"},
            paramLabel = "NAME",
            description = "Only this backend (default: each that runs here).")
    private Optional<String> only = Optional.empty();

    @Mixin private JsonArguments output = new JsonArguments();

    private final Io io;

    SelfTestCommand(Io io) {
        this.io = io;
    }

    /// What was found on one device.
    ///
    /// @param device what it is; or why it was not tested
    private record Tested(String backend, String device, List<Check> checks) {
        boolean ok() {
            return checks.stream().allMatch(Check::ok);
        }
    }

    @Override
    public Integer call() {
        List<BackendProvider> providers =
                Backends.all().stream()
                        .filter(p -> only.map(p.name()::equals).orElse(true))
                        .filter(p -> !p.name().equals(SPECIFICATION))
                        .toList();
        if (providers.isEmpty()) {
            throw new UsageException(
                    "--backend: wanted one that 'jinrai backends' lists, other than '%s', got '%s'"
                            .formatted(SPECIFICATION, only.orElse("")));
        }
        if (only.isPresent()) {
            Backends.named(only.get()); // or why not
        }
        if (!output.json) {
            io.out()
                    .println(
                            "%s; %s"
                                    .formatted(
                                            String.join(" ", new Program.Version().getVersion()),
                                            Machine.here().cpu()));
        }
        Path demo = ModelFile.demo("the self-test needs the one that ships with the program");
        SelfTestModel model = SelfTestModel.specification(demo);
        List<Tested> all = new ArrayList<>();
        for (BackendProvider provider : providers) {
            all.addAll(test(provider, demo, model));
        }
        if (output.json) {
            io.out().println(Json.write(all.stream().map(SelfTestCommand::asJson).toList()));
        }
        long failures = all.stream().filter(t -> !t.ok()).count();
        if (failures > 0) {
            io.messages()
                    .notice(
                            "the self-test found errors on %d of %d devices"
                                    .formatted(failures, all.size()));
        }
        return failures > 0 ? Failures.FAILURE : Failures.DONE;
    }

    private List<Tested> test(BackendProvider provider, Path demo, SelfTestModel model) {
        List<Tested> tested = new ArrayList<>();
        switch (provider.probe()) {
            case Unavailable(String reason) -> {
                if (!output.json) {
                    io.out().println("\n%s: unavailable: %s".formatted(provider.name(), reason));
                }
            }
            case Available(String what, long _) -> {
                if (provider.devices().isEmpty()) {
                    tested.add(test(provider, what, Optional.empty(), demo, model));
                }
                for (Device device : provider.devices()) {
                    String name =
                            "device %d: %s (%s)"
                                    .formatted(device.index(), device.name(), device.driver());
                    if (device.refusal().isEmpty()) {
                        var number = Optional.of(String.valueOf(device.index()));
                        tested.add(test(provider, name, number, demo, model));
                    } else if (!output.json) {
                        io.out()
                                .println(
                                        "\n%s, %s: unavailable: %s"
                                                .formatted(
                                                        provider.name(),
                                                        name,
                                                        device.refusal().get()));
                    }
                }
            }
        }
        return tested;
    }

    private Tested test(
            BackendProvider provider,
            String name,
            Optional<String> device,
            Path demo,
            SelfTestModel model) {
        List<Check> checks = new ArrayList<>();
        int threads = Math.max(1, Runtime.getRuntime().availableProcessors());
        io.messages().progress("testing '%s'".formatted(provider.name()));
        try (Backend specification = Backends.named(SPECIFICATION).open(new BackendOptions(1));
                Backend backend = provider.open(new BackendOptions(threads, device))) {
            new SelfTest(specification, backend, checks::add).run();
        } catch (BackendException e) {
            checks.add(SelfTest.failed("open", 0, 0, e));
        }
        var options = ModelOptions.DEFAULTS.withBackend(provider.name());
        checks.add(model.on(demo, device.map(options::withDevice).orElse(options)));
        io.messages().progress("");
        var tested = new Tested(provider.name(), name, List.copyOf(checks));
        if (!output.json) {
            print(tested);
        }
        return tested;
    }

    private void print(Tested tested) {
        io.out().println("\n%s, %s".formatted(tested.backend(), tested.device()));
        var table = new Table("lrrlr");
        table.row("", "max error", "limit", "", "ms");
        for (Check check : tested.checks()) {
            table.row(
                    check.name(),
                    "%.1e".formatted(check.error()),
                    "%.0e".formatted(check.limit()),
                    check.ok() ? "ok" : "FAIL " + check.problem(),
                    "%.1f".formatted(check.nanos() / 1e6));
        }
        table.print(io.out());
        long failed = tested.checks().stream().filter(c -> !c.ok()).count();
        io.out()
                .println(
                        "  %d checks, %s"
                                .formatted(
                                        tested.checks().size(),
                                        failed == 0 ? "all ok" : failed + " FAILED"));
        io.out().flush();
    }

    private static Object asJson(Tested tested) {
        return Json.object(
                "backend",
                tested.backend(),
                "device",
                tested.device(),
                "ok",
                tested.ok(),
                "checks",
                tested.checks().stream()
                        .map(c ->
                                Json.object(
                                        "name",
                                        c.name(),
                                        "max_error",
                                        "%.3e".formatted(c.error()),
                                        "limit",
                                        "%.0e".formatted(c.limit()),
                                        "ok",
                                        c.ok(),
                                        "ms",
                                        c.nanos() / 1e6,
                                        "problem",
                                        c.problem()))
                        .toList());
    }
}
