package dev.jinrai;

import dev.jinrai.backend.Availability;
import dev.jinrai.backend.Backend;
import dev.jinrai.backend.BackendException;
import dev.jinrai.backend.BackendOptions;
import dev.jinrai.backend.BackendProvider;
import dev.jinrai.backend.Backends;
import dev.jinrai.backend.DeviceMemoryException;
import dev.jinrai.backend.KvLayout;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/// A device of any size: the CPU's backend, which says that it has memory of its own.
final class MadeUpDevice implements BackendProvider {
    private final long free;

    /// The names of the verbs and other calls it got, all backends together.
    final List<String> calls = new ArrayList<>();

    /// How many uploads succeed before the memory is full, in each backend.
    int uploads = Integer.MAX_VALUE;

    int open;
    boolean broken;
    boolean software;

    /// @param free what it says of its memory
    MadeUpDevice(long free) {
        this.free = free;
    }

    /// {@return the real providers of the CPU, and this}
    List<BackendProvider> andTheCpu() {
        List<BackendProvider> all = new ArrayList<>();
        all.add(Backends.named("cpu"));
        all.add(Backends.named("scalar"));
        all.add(this);
        all.add(new dev.jinrai.backend.hybrid.HybridProvider(List.copyOf(all)));
        return all;
    }

    @Override
    public String name() {
        return "card";
    }

    @Override
    public int preference() {
        return 20;
    }

    @Override
    public boolean ownMemory() {
        return true;
    }

    @Override
    public Availability probe() {
        return new Availability.Available("Card", free);
    }

    @Override
    public Backend open(BackendOptions options) {
        if (broken) {
            throw new BackendException("GPU 'Card' does not start");
        }
        Backend cpu = Backends.named("cpu").open(options);
        open++;
        int[] left = {uploads};
        return (Backend)
                Proxy.newProxyInstance(
                        Backend.class.getClassLoader(),
                        new Class<?>[] {Backend.class},
                        (self, method, arguments) -> {
                            calls.add(method.getName());
                            return switch (method.getName()) {
                                case "deviceMemory" -> OptionalLong.of(free);
                                case "device" -> "Card";
                                case "name" -> "card";
                                case "software" -> software;
                                case "layer" -> self;
                                case "resident" -> 0L;
                                case "onHeap" -> {
                                    KvLayout layout = (KvLayout) arguments[0];
                                    yield new KvLayout(List.of(), layout.capacity(), layout.type());
                                }
                                case "close" -> {
                                    open--;
                                    yield invoke(cpu, method, arguments);
                                }
                                case "upload" -> {
                                    if (left[0]-- == 0) {
                                        throw new DeviceMemoryException("the card is full");
                                    }
                                    yield invoke(cpu, method, arguments);
                                }
                                default -> invoke(cpu, method, arguments);
                            };
                        });
    }

    private static @Nullable Object invoke(Backend on, Method method, Object @Nullable [] arguments)
            throws Throwable {
        try {
            return method.invoke(on, arguments);
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }
}
