package dev.jinrai.gpu.process;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.jinrai.gpu.GpuDevice;
import dev.jinrai.gpu.GpuMemory;
import dev.jinrai.gpu.GpuMemory.Kind;
import dev.jinrai.gpu.GpuRecorder;
import dev.jinrai.gpu.GpuStep;
import dev.jinrai.gpu.vulkan.Vulkan;
import dev.jinrai.gpu.vulkan.VulkanDevice;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/// A small user of the module, run by [ProcessTest] in a process of its own.
final class Program {
    private Program() {}

    public static void main(String[] what) {
        switch (what[0]) {
            case "probe" -> System.out.println(Vulkan.unavailable().orElse("available"));
            case "leave" -> {
                work(open(), 1);
                System.out.println("done");
                System.exit(7);
            }
            case "elsewhere" -> {
                GpuDevice device = open();
                work(device, 1);
                Thread other = new Thread(device::close);
                other.start();
                joined(other);
                System.out.println("closed");
            }
            case "work" -> {
                GpuDevice device = open();
                work(device, 1);
                System.out.println("working");
                work(device, Integer.MAX_VALUE);
            }
            default -> throw new IllegalArgumentException(what[0]);
        }
    }

    private static void joined(Thread thread) {
        try {
            thread.join();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static GpuDevice open() {
        return VulkanDevice.open(Vulkan.best().orElseThrow());
    }

    /// Doubles the first half of some numbers, so many times. Closes nothing.
    private static void work(GpuDevice device, int rounds) {
        int n = 1 << 20;
        GpuMemory up = device.allocate(4L * n, Kind.UPLOAD);
        GpuMemory there = device.allocate(4L * n, Kind.DEVICE);
        GpuMemory down = device.allocate(4L * n, Kind.READBACK);
        MemorySegment arguments = Arena.ofAuto().allocate(20); // x, y, n
        arguments.set(JAVA_LONG, 0, there.address());
        arguments.set(JAVA_LONG, 8, up.address());
        arguments.set(JAVA_INT, 16, n / 2);
        GpuRecorder recorder = device.record();
        recorder.copy(up, 0, there, 0, 4L * n);
        recorder.barrier();
        recorder.dispatch(device.kernel("add"), n / 512, 1, 1, arguments);
        recorder.barrier();
        recorder.copy(there, 0, down, 0, 4L * n);
        GpuStep step = recorder.end();
        for (int i = 0; i < rounds; i++) {
            up.host().fill((byte) 1);
            device.submit(step);
            device.await();
            float first = down.host().get(JAVA_FLOAT, 0);
            float last = down.host().get(JAVA_FLOAT, 4L * n - 4);
            if (first != 2 * last || last != Float.intBitsToFloat(0x01010101)) {
                throw new IllegalStateException("got " + first + " and " + last);
            }
        }
    }
}
