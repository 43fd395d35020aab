package dev.hone.kernels;

/**
 * A device's failure in the middle of work. A GPU that failed, by a fault in a kernel or because it is lost, is met by
 * whichever operation comes next, and none works after it.
 */
public final class DeviceFault {

    private static final String GPU = "the GPU failed";
    private static final String MEMORY = "out of memory: ";

    private DeviceFault() {}

    /** Whether an operation threw it because the GPU failed; its message says where and why. */
    public static boolean is(Throwable failure) {
        return begins(failure, GPU);
    }

    /** Whether an operation threw it because there was no memory for its scratch; its message says how much. */
    public static boolean isOutOfMemory(Throwable failure) {
        return begins(failure, MEMORY);
    }

    /** JavaCPP makes a RuntimeException of what a native library throws, which begins as kernels.hpp says. */
    private static boolean begins(Throwable failure, String words) {
        return failure.getClass() == RuntimeException.class
                && String.valueOf(failure.getMessage()).startsWith(words);
    }
}
