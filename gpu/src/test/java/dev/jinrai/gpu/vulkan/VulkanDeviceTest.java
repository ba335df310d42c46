package dev.jinrai.gpu.vulkan;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jinrai.backend.BackendException;
import dev.jinrai.backend.DeviceMemoryException;
import dev.jinrai.gpu.GpuInfo;
import dev.jinrai.gpu.GpuKernel;
import dev.jinrai.gpu.GpuMemory;
import dev.jinrai.gpu.GpuMemory.Kind;
import dev.jinrai.gpu.GpuRecorder;
import dev.jinrai.gpu.GpuStep;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

@SuppressWarnings({"NarrowCalculation", "EnumOrdinal"}) // sizes of a few bytes
class VulkanDeviceTest {
    private static VulkanDevice device;

    @BeforeAll
    static void open() {
        device = Devices.open();
    }

    @AfterAll
    static void close() {
        device.close();
    }

    /// The arguments of `testFill`: where, how many, what.
    private static MemorySegment fill(long address, int n, int value) {
        MemorySegment arguments = Arena.ofAuto().allocate(16);
        arguments.set(JAVA_LONG, 0, address);
        arguments.set(JAVA_INT, 8, n);
        arguments.set(JAVA_INT, 12, value);
        return arguments;
    }

    /// The arguments of `testStep`: to, from, how many.
    private static MemorySegment step(long to, long from, int n) {
        MemorySegment arguments = Arena.ofAuto().allocate(20);
        arguments.set(JAVA_LONG, 0, to);
        arguments.set(JAVA_LONG, 8, from);
        arguments.set(JAVA_INT, 16, n);
        return arguments;
    }

    private static void run(GpuRecorder recorder) {
        try (GpuStep step = recorder.end()) {
            device.submit(step);
            device.await();
        }
    }

    private static int word(GpuMemory memory, long index) {
        return memory.host().getAtIndex(JAVA_INT, index);
    }

    @Test
    void saysWhatItIs() {
        GpuInfo info = device.info();
        assertThat(info.name()).isNotBlank();
        assertThat(info.driver()).isNotBlank();
        assertThat(info.api()).matches("Vulkan 1\\.[2-9]");
        assertThat(info.memory()).isGreaterThan(128L << 20);
        assertThat(info.free()).isBetween(1L, info.memory());
        assertThat(info.subgroup()).isBetween(1, 128);
        assertThat(info.sharedMemory()).isGreaterThanOrEqualTo(32 << 10);
        assertThat(device.maxAllocation()).isGreaterThanOrEqualTo(1L << 30);
    }

    @Test
    void addressesAreAlignedAndDisjoint() {
        SplittableRandom random = new SplittableRandom(1);
        List<GpuMemory> taken = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            Kind kind = Kind.values()[random.nextInt(3)];
            taken.add(device.allocate(random.nextLong(1, 100_000), kind));
            if (random.nextInt(3) == 0) {
                taken.remove(random.nextInt(taken.size())).close();
            }
        }
        for (GpuMemory memory : taken) {
            assertThat(memory.address() % 256).isZero();
        }
        taken.sort((a, b) -> Long.compareUnsigned(a.address(), b.address()));
        for (int i = 1; i < taken.size(); i++) {
            GpuMemory before = taken.get(i - 1);
            assertThat(before.address() + before.size())
                    .isLessThanOrEqualTo(taken.get(i).address());
        }
        taken.forEach(GpuMemory::close);
    }

    @Test
    void memoryGivenBackIsTakenAgain() {
        GpuMemory kept = device.allocate(1000, Kind.DEVICE);
        GpuMemory first = device.allocate(5000, Kind.DEVICE);
        long address = first.address();
        first.close();
        first.close();
        GpuMemory second = device.allocate(5000, Kind.DEVICE);
        assertThat(second.address()).isEqualTo(address);
        second.close();
        kept.close();
    }

    @Test
    void copiesBytes() {
        int n = 100_003;
        try (GpuMemory up = device.allocate(n, Kind.UPLOAD);
                GpuMemory there = device.allocate(n, Kind.DEVICE);
                GpuMemory down = device.allocate(n, Kind.READBACK)) {
            byte[] bytes = new byte[n];
            new SplittableRandom(2).nextBytes(bytes);
            MemorySegment.copy(bytes, 0, up.host(), JAVA_BYTE, 0, n);
            GpuRecorder recorder = device.record();
            recorder.copy(up, 0, there, 0, n);
            recorder.barrier();
            recorder.copy(there, 5, down, 0, n - 5);
            recorder.copy(there, 0, down, n - 5, 5);
            run(recorder);
            assertThat(down.host().asSlice(0, n - 5).mismatch(up.host().asSlice(5))).isEqualTo(-1);
            assertThat(down.host().asSlice(n - 5).mismatch(up.host().asSlice(0, 5))).isEqualTo(-1);
        }
    }

    @Test
    void largePiecesHoldWhatIsWrittenAtTheirEnds() {
        long n = (300L << 20) + 12;
        try (GpuMemory there = device.allocate(n, Kind.DEVICE);
                GpuMemory down = device.allocate(512, Kind.READBACK)) {
            GpuRecorder recorder = device.record();
            recorder.dispatch(device.kernel("testFill"), 1, 1, 1, fill(there.address(), 3, 7));
            recorder.dispatch(
                    device.kernel("testFill"), 1, 1, 1, fill(there.address() + n - 12, 3, 9));
            recorder.barrier();
            recorder.copy(there, 0, down, 0, 12);
            recorder.copy(there, n - 12, down, 12, 12);
            run(recorder);
            assertThat(down.host().asSlice(0, 24).toArray(JAVA_INT))
                    .containsExactly(7, 8, 9, 9, 10, 11);
        }
    }

    @Test
    void kernelsGetArgumentsAndConstants() {
        try (GpuMemory there = device.allocate(4000, Kind.DEVICE);
                GpuMemory down = device.allocate(4000, Kind.READBACK)) {
            GpuRecorder recorder = device.record();
            GpuKernel kernel = device.kernel("testFill", 3, 100);
            recorder.dispatch(kernel, 16, 1, 1, fill(there.address(), 1000, 5));
            recorder.barrier();
            recorder.copy(there, 0, down, 0, 4000);
            run(recorder);
            for (int i = 0; i < 1000; i++) {
                assertThat(word(down, i)).isEqualTo(3 * i + 105);
            }
        }
    }

    @Test
    void kernelsReadAndWriteMemoryOfTheHost() {
        try (GpuMemory up = device.allocate(256, Kind.UPLOAD);
                GpuMemory down = device.allocate(256, Kind.READBACK)) {
            for (int i = 0; i < 64; i++) {
                up.host().setAtIndex(JAVA_INT, i, i * i);
            }
            GpuRecorder recorder = device.record();
            recorder.dispatch(
                    device.kernel("testStep"), 1, 1, 1, step(down.address(), up.address(), 64));
            run(recorder);
            for (int i = 0; i < 64; i++) {
                assertThat(word(down, i)).isEqualTo(3 * (63 - i) * (63 - i) + 1);
            }
        }
    }

    @Test
    void aKernelIsMadeOnceForItsConstants() {
        assertThat(device.kernel("testFill", 3)).isSameAs(device.kernel("testFill", 3));
        assertThat(device.kernel("testFill", 3)).isNotSameAs(device.kernel("testFill", 4));
        assertThat(device.kernel("testFill", 3).name()).isEqualTo("testFill");
    }

    /// Every word of a dispatch needs words that other workgroups of the one before wrote.
    @Test
    void barriersOrderDispatches() {
        int n = 64 * 257;
        int rounds = 100;
        try (GpuMemory a = device.allocate(4 * n, Kind.DEVICE);
                GpuMemory b = device.allocate(4 * n, Kind.DEVICE);
                GpuMemory down = device.allocate(4 * n, Kind.READBACK)) {
            GpuRecorder recorder = device.record();
            recorder.dispatch(device.kernel("testFill"), 257, 1, 1, fill(a.address(), n, 0));
            for (int i = 0; i < rounds; i++) {
                recorder.barrier();
                long to = i % 2 == 0 ? b.address() : a.address();
                long from = i % 2 == 0 ? a.address() : b.address();
                recorder.dispatch(device.kernel("testStep"), 257, 1, 1, step(to, from, n));
            }
            recorder.barrier();
            recorder.copy(a, 0, down, 0, 4 * n);
            run(recorder);
            int shift = 0;
            int scale = 1;
            for (int i = 0; i < rounds; i++) {
                shift = 3 * shift + 1;
                scale *= 3;
            }
            for (int i = 0; i < n; i++) {
                assertThat(word(down, i))
                        .isEqualTo(scale * i + shift); // rounds is even: not mirrored
            }
        }
    }

    /// x := mirror(3x + 1) through memory of the host, again and again: a step begins after the one before has ended.
    @Test
    void aStepIsReplayedWithWhatTheHostWroteSince() {
        int n = 640;
        try (GpuMemory up = device.allocate(4 * n, Kind.UPLOAD);
                GpuMemory a = device.allocate(4 * n, Kind.DEVICE);
                GpuMemory down = device.allocate(4 * n, Kind.READBACK)) {
            GpuRecorder recorder = device.record();
            recorder.dispatch(
                    device.kernel("testStep"), 10, 1, 1, step(a.address(), up.address(), n));
            recorder.barrier();
            recorder.copy(a, 0, down, 0, 4 * n);
            try (GpuStep step = recorder.end()) {
                for (int round = 0; round < 20; round++) {
                    for (int i = 0; i < n; i++) {
                        up.host().setAtIndex(JAVA_INT, i, round * i);
                    }
                    device.submit(step);
                    device.await();
                    assertThat(word(down, 0)).isEqualTo(3 * round * (n - 1) + 1);
                    assertThat(word(down, n - 1)).isEqualTo(1);
                }
            }
        }
    }

    @Test
    void stepsRunOneAfterAnotherWithoutWaiting() {
        int n = 64 * 100;
        try (GpuMemory a = device.allocate(4 * n, Kind.DEVICE);
                GpuMemory b = device.allocate(4 * n, Kind.DEVICE);
                GpuMemory down = device.allocate(4 * n, Kind.READBACK)) {
            GpuRecorder start = device.record();
            start.dispatch(device.kernel("testFill"), 100, 1, 1, fill(a.address(), n, 0));
            GpuRecorder there = device.record();
            there.dispatch(device.kernel("testStep"), 100, 1, 1, step(b.address(), a.address(), n));
            GpuRecorder back = device.record();
            back.dispatch(device.kernel("testStep"), 100, 1, 1, step(a.address(), b.address(), n));
            GpuRecorder read = device.record();
            read.copy(a, 0, down, 0, 4 * n);
            try (GpuStep s0 = start.end();
                    GpuStep s1 = there.end();
                    GpuStep s2 = back.end();
                    GpuStep s3 = read.end()) {
                device.submit(s0);
                for (int i = 0; i < 5; i++) {
                    device.submit(s1);
                    device.submit(s2);
                }
                device.submit(s3);
                device.await();
            }
            int shift = 0;
            for (int i = 0; i < 10; i++) {
                shift = 3 * shift + 1;
            }
            for (int i = 0; i < n; i++) {
                assertThat(word(down, i)).isEqualTo(59049 * i + shift);
            }
        }
    }

    @Test
    void awaitsNothing() {
        device.await();
        device.await();
    }

    @Test
    void tooMuchMemorySaysWhatWasAskedAndWhatIsFree() {
        assertThatThrownBy(() -> device.allocate(1L << 44, Kind.DEVICE))
                .isInstanceOf(DeviceMemoryException.class)
                .hasMessageContaining("GPU '" + device.info().name() + "'")
                .hasMessageContaining("16384.0 GiB")
                .hasMessageContaining("are free");
    }

    @Test
    void anEmptyMemoryIsRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> device.allocate(0, Kind.DEVICE))
                .withMessage("bytes: wanted 1 or more, got 0");
    }

    @Test
    void anUnknownKernelIsRefused() {
        assertThatThrownBy(() -> device.kernel("nonesuch"))
                .isInstanceOf(BackendException.class)
                .hasMessage("kernel 'nonesuch' is not in this build");
    }

    @Test
    void wrongCommandsAreRefused() {
        GpuRecorder recorder = device.record();
        GpuKernel kernel = device.kernel("testFill");
        try (Arena arena = Arena.ofConfined();
                GpuMemory memory = device.allocate(100, Kind.DEVICE)) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> recorder.dispatch(kernel, 1, 0, 1, arena.allocate(16)))
                    .withMessageContaining("kernel 'testFill': 0 workgroups in y");
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> recorder.dispatch(kernel, 1, 1, 1, arena.allocate(132)))
                    .withMessageContaining("132 bytes of arguments; at most 128");
            assertThatThrownBy(() -> recorder.copy(memory, 90, memory, 0, 11))
                    .isInstanceOf(IndexOutOfBoundsException.class)
                    .hasMessage("bytes 90 to 101 of a memory of 100");
            recorder.end().close();
            assertThatIllegalStateException().isThrownBy(recorder::barrier);
        }
    }

    @Test
    void memoryOfTheDeviceIsNotSeenByTheHost() {
        try (GpuMemory memory = device.allocate(100, Kind.DEVICE)) {
            assertThatThrownBy(memory::host).isInstanceOf(UnsupportedOperationException.class);
        }
    }

    @Test
    void aClosedDeviceIsClosed() {
        VulkanDevice other = Devices.open();
        GpuMemory memory = other.allocate(100, Kind.UPLOAD);
        MemorySegment host = memory.host();
        GpuStep step = other.record().end();
        other.close();
        other.close();
        memory.close();
        step.close();
        assertThatThrownBy(() -> other.allocate(1, Kind.DEVICE))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("is closed");
        assertThatIllegalStateException().isThrownBy(() -> host.set(JAVA_BYTE, 0, (byte) 1));
    }

    /// A thread that is interrupted waits for the device without looking all the time, and stays interrupted.
    @Test
    void anInterruptedThreadGivesBackAndStaysInterrupted() throws Exception {
        GpuMemory memory = device.allocate(100, Kind.UPLOAD);
        MemorySegment host = memory.host();
        var held = new CountDownLatch(1);
        Thread other =
                Thread.ofPlatform()
                        .start(() ->
                                device.locked(() -> {
                                    held.countDown();
                                    LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(600));
                                }));
        held.await();
        long before = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
        Thread.currentThread().interrupt();
        memory.close();
        boolean interrupted = Thread.interrupted();
        long nanos = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime() - before;
        other.join();
        assertThat(interrupted).isTrue();
        assertThat(TimeUnit.NANOSECONDS.toMillis(nanos)).isLessThan(100); // of the 600 it waited
        assertThatIllegalStateException().isThrownBy(() -> host.set(JAVA_BYTE, 0, (byte) 1));
    }

    @Test
    void devicesDoNotShareWhatTheyMake() {
        try (VulkanDevice other = Devices.open()) {
            GpuStep step = other.record().end();
            assertThatIllegalArgumentException().isThrownBy(() -> device.submit(step));
            GpuRecorder recorder = other.record();
            assertThatIllegalArgumentException()
                    .isThrownBy(() ->
                            recorder.dispatch(device.kernel("testFill"), 1, 1, 1, fill(0, 0, 0)));
        }
    }
}
