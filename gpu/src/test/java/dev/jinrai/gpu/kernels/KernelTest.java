package dev.jinrai.gpu.kernels;

import dev.jinrai.gpu.GpuDevice;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;

/// A test of single kernels on the device of this machine; Mesa's lavapipe plays one where there is none.
abstract class KernelTest {
    private static GpuDevice device;

    protected Rig rig;

    @BeforeAll
    static void open() {
        device = Devices.open();
    }

    @AfterAll
    static void close() {
        device.close();
    }

    static GpuDevice device() {
        return device;
    }

    @BeforeEach
    void begin() {
        rig = new Rig(device);
    }

    @AfterEach
    void end() {
        rig.close();
    }
}
