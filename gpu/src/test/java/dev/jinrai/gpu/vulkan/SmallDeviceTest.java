package dev.jinrai.gpu.vulkan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jinrai.backend.DeviceMemoryException;
import dev.jinrai.gpu.GpuDevice;
import dev.jinrai.gpu.GpuMemory;
import dev.jinrai.gpu.GpuMemory.Kind;
import dev.jinrai.gpu.GpuStep;
import dev.jinrai.testing.Goldens;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/// A device counts what is taken of it, and says when there is no more.
class SmallDeviceTest {
    private static final long MIB = 1 << 20;

    @Test
    void memoryThatIsTakenIsNotFreeUntilItIsGivenBack() {
        try (GpuDevice device = SmallDevice.open(100 * MIB)) {
            assertThat(device.info().free()).isEqualTo(100 * MIB);
            GpuMemory large = device.allocate(60 * MIB, Kind.DEVICE);
            assertThat(device.info().free()).isBetween(39 * MIB, 40 * MIB);
            assertThatThrownBy(() -> device.allocate(41 * MIB, Kind.DEVICE))
                    .isInstanceOf(DeviceMemoryException.class)
                    .hasMessageContaining("41 MiB of its memory asked for in one piece, 39 MiB of")
                    .hasMessageEndingWith("a smaller context or the backend cpu");
            large.close();
            assertThat(device.info().free()).isEqualTo(100 * MIB);
            device.allocate(90 * MIB, Kind.DEVICE).close();
        }
    }

    /// A chunk for many would not fit: a piece of its own does.
    @Test
    void smallPiecesFitTheLastOfTheMemory() {
        try (GpuDevice device = SmallDevice.open(10 * MIB)) {
            GpuMemory small = device.allocate(4 * MIB, Kind.DEVICE);
            GpuMemory other = device.allocate(4 * MIB, Kind.DEVICE);
            assertThatThrownBy(() -> device.allocate(4 * MIB, Kind.DEVICE))
                    .isInstanceOf(DeviceMemoryException.class);
            small.close();
            other.close();
            device.allocate(9 * MIB, Kind.DEVICE).close();
        }
    }

    /// Not from a page's begin, and to the file's end, which is not a page's.
    @Test
    void aMappedFileIsReadWhereItLies() throws IOException {
        Path file = Goldens.file("models/llama.gguf");
        try (GpuDevice device = SmallDevice.open(MIB);
                Arena arena = Arena.ofShared();
                FileChannel channel = FileChannel.open(file)) {
            MemorySegment whole =
                    channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena);
            MemorySegment part = whole.asSlice(channel.size() - 100_000);
            Optional<GpuMemory> shared = device.share(part);
            Assumptions.assumeTrue(
                    shared.isPresent() || device.info().software(),
                    "the device has memory of its own");
            assertThat(device.info().free()).as("nothing is taken").isEqualTo(MIB);
            try (GpuMemory memory = shared.orElseThrow();
                    GpuMemory copy = device.allocate(part.byteSize(), Kind.READBACK)) {
                var recorder = device.record();
                recorder.copy(memory, 0, copy, 0, part.byteSize());
                GpuStep step = recorder.end();
                device.submit(step);
                device.await();
                step.close();
                assertThat(copy.host().mismatch(part)).isEqualTo(-1);
            }
            assertThat(device.share(MemorySegment.ofArray(new byte[4096]))).isEmpty();
        }
    }
}
