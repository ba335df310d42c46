package dev.jinrai;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jinrai.backend.Availability;
import dev.jinrai.backend.Backend;
import dev.jinrai.backend.BackendOptions;
import dev.jinrai.backend.BackendProvider;
import dev.jinrai.backend.Backends;
import dev.jinrai.backend.Batch;
import dev.jinrai.backend.KvCache;
import dev.jinrai.testing.Goldens;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// Sessions of one model live on different threads; its backend sees one thread at a time, whatever they do.
class SharedModelTest {
    private static final int THREADS = 8;
    private static final int SESSIONS = 10;

    @Test
    void sessionsOnManyThreadsCallTheBackendOneAtATime() throws Exception {
        var watched = new Watched();
        var options = ModelOptions.DEFAULTS.withBackend("watched").withThreads(1);
        var memory = new Memory(OptionalLong.empty(), 1L << 30);
        try (Model model =
                        Model.open(
                                Goldens.file("models/llama.gguf"),
                                options,
                                memory,
                                Optional.empty(),
                                List.of(watched));
                ExecutorService pool = Executors.newFixedThreadPool(THREADS)) {
            float[] expected = logits(model);
            List<Future<?>> all = new ArrayList<>();
            for (int i = 0; i < THREADS; i++) {
                all.add(
                        pool.submit(() -> {
                            for (int s = 0; s < SESSIONS; s++) {
                                assertThat(logits(model)).isEqualTo(expected);
                            }
                        }));
            }
            for (Future<?> each : all) {
                each.get();
            }
        }
        assertThat(watched.together).as("calls while another thread was in one").isEmpty();
    }

    private static float[] logits(Model model) {
        try (Session session = model.newSession()) {
            session.feed(1, 2, 3);
            return session.feed(4).clone();
        }
    }

    /// The specification, which notes what is called while another thread is in a call.
    private static final class Watched implements BackendProvider {
        private static final long NOBODY = -1;

        final Set<String> together = ConcurrentHashMap.newKeySet();
        private final AtomicLong inside = new AtomicLong(NOBODY); // a thread's id

        @Override
        public String name() {
            return "watched";
        }

        @Override
        public int preference() {
            return 0;
        }

        @Override
        public Availability probe() {
            return new Availability.Available("watched", Long.MAX_VALUE);
        }

        @Override
        public Backend open(BackendOptions options) {
            return watch(Backend.class, Backends.named("scalar").open(options));
        }

        private <T> T watch(Class<T> type, T real) {
            Object proxy =
                    Proxy.newProxyInstance(
                            type.getClassLoader(),
                            new Class<?>[] {type, Real.class},
                            (_, method, arguments) ->
                                    method.getName().equals("real")
                                            ? real
                                            : call(real, method, arguments));
            return type.cast(proxy);
        }

        /// What a proxy stands for: backends take their own caches only.
        private interface Real {
            Object real();
        }

        private @Nullable Object call(Object real, Method method, Object @Nullable [] arguments)
                throws Throwable {
            boolean counts = !(real instanceof KvCache) || method.getName().equals("close");
            long caller = Thread.currentThread().threadId();
            boolean first = counts && inside.compareAndSet(NOBODY, caller);
            if (counts && !first && inside.get() != caller) {
                together.add(method.getName());
            }
            if (method.getName().equals("allocate") || method.getName().equals("close")) {
                LockSupport.parkNanos(20_000); // they are short otherwise
            }
            try {
                for (int i = 0; arguments != null && i < arguments.length; i++) {
                    if (arguments[i] instanceof Batch batch) {
                        arguments[i] =
                                batch.over(cache ->
                                        cache instanceof Real proxy
                                                ? (KvCache) proxy.real()
                                                : cache);
                    }
                }
                Object result = method.invoke(real, arguments);
                return result instanceof KvCache cache ? watch(KvCache.class, cache) : result;
            } catch (InvocationTargetException e) {
                throw e.getCause();
            } finally {
                if (first) {
                    inside.set(NOBODY);
                }
            }
        }
    }
}
