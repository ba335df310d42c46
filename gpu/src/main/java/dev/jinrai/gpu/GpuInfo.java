package dev.jinrai.gpu;

/// What a device is.
///
/// @param name the device, as its driver calls it
/// @param driver the driver and its version
/// @param api the programming interface and its version, such as `Vulkan 1.3`
/// @param memory the device's memory, in bytes
/// @param free how much of it the driver says may still be taken, in bytes
/// @param unified whether host and device share one memory
/// @param software whether a program on the CPU plays the device
/// @param subgroup how many invocations a subgroup has
/// @param largestGroup how many invocations a workgroup can have
/// @param dots whether it has fast dot products of four packed bytes
/// @param matrices whether subgroups, all of 32, multiply matrices of 16 × 16 halves with sums of f32
/// @param sharedMemory how much memory a workgroup can share, in bytes
/// @param cores how many cores run workgroups at a time, 0 where the driver does not say
public record GpuInfo(
        String name,
        String driver,
        String api,
        long memory,
        long free,
        boolean unified,
        boolean software,
        int subgroup,
        int largestGroup,
        boolean dots,
        boolean matrices,
        int sharedMemory,
        int cores) {}
