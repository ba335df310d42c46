package dev.jinrai.cli;

import dev.jinrai.backend.Availability.Available;
import dev.jinrai.backend.Availability.Unavailable;
import dev.jinrai.backend.BackendProvider;
import dev.jinrai.backend.Backends;
import dev.jinrai.backend.Device;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/// `jinrai backends`: what computes here, and what does not.
@Command(
        name = "backends",
        sortOptions = false,
        abbreviateSynopsis = true,
        description = {"Lists every backend: what it runs on, or why it does not run.", ""})
final class BackendsCommand implements Callable<Integer> {
    @Mixin private JsonArguments output = new JsonArguments();

    private final Io io;

    BackendsCommand(Io io) {
        this.io = io;
    }

    @Override
    public Integer call() {
        List<BackendProvider> providers = Backends.all();
        if (output.json) {
            printJson(providers);
        } else {
            printTable(providers);
        }
        return Failures.DONE;
    }

    private void printTable(List<BackendProvider> providers) {
        var table = new Table("lll");
        for (BackendProvider provider : providers) {
            List<Device> devices = provider.devices();
            for (Device device : devices) {
                table.row(
                        provider.name(),
                        device.refusal().isEmpty() ? "available" : "unavailable",
                        described(device));
            }
            if (!devices.isEmpty()) {
                continue;
            }
            switch (provider.probe()) {
                case Available(String device, long memory) ->
                        table.row(
                                provider.name(),
                                "available",
                                "%s; %s of memory".formatted(device, Bytes.of(memory)));
                case Unavailable(String reason) ->
                        table.row(provider.name(), "unavailable", reason);
            }
        }
        for (BackendName.Known name : BackendName.absent(providers)) {
            Optional<BackendProvider> other = name.aliased(providers);
            if (other.isPresent()) {
                table.row(name.label(), "alias", "means '%s'".formatted(other.get().name()));
            } else {
                table.row(name.label(), "unavailable", name.absence());
            }
        }
        table.print(io.out());
    }

    private static String described(Device device) {
        return "device %d: %s"
                .formatted(
                        device.index(),
                        device.refusal()
                                .orElseGet(() ->
                                        "%s (%s); %s of memory, %s free%s"
                                                .formatted(
                                                        device.name(),
                                                        device.driver(),
                                                        Bytes.of(device.memory()),
                                                        Bytes.of(device.free()),
                                                        device.software()
                                                                ? "; a program plays it, so auto"
                                                                        + " does not take it"
                                                                : "")));
    }

    private void printJson(List<BackendProvider> providers) {
        var list = new ArrayList<Object>();
        for (BackendProvider provider : providers) {
            list.add(
                    switch (provider.probe()) {
                        case Available(String device, long memory) ->
                                Json.object(
                                        "name",
                                        provider.name(),
                                        "available",
                                        true,
                                        "device",
                                        device,
                                        "memory_bytes",
                                        memory,
                                        "devices",
                                        provider.devices().stream()
                                                .map(BackendsCommand::asJson)
                                                .toList());
                        case Unavailable(String reason) -> absent(provider.name(), reason);
                    });
        }
        for (BackendName.Known name : BackendName.absent(providers)) {
            Optional<BackendProvider> other = name.aliased(providers);
            list.add(
                    other.isPresent()
                            ? Json.object(
                                    "name",
                                    name.label(),
                                    "available",
                                    other.get().probe() instanceof Available,
                                    "alias_of",
                                    other.get().name())
                            : absent(name.label(), name.absence()));
        }
        io.out().println(Json.write(list));
    }

    private static Object asJson(Device device) {
        return Json.object(
                "index",
                device.index(),
                "name",
                device.name(),
                "driver",
                device.driver(),
                "memory_bytes",
                device.memory(),
                "free_bytes",
                device.free(),
                "software",
                device.software(),
                "available",
                device.refusal().isEmpty(),
                "reason",
                device.refusal().orElse(""));
    }

    private static Object absent(String name, String reason) {
        return Json.object("name", name, "available", false, "reason", reason);
    }
}
