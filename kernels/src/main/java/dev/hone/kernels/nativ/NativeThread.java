package dev.hone.kernels.nativ;

import java.io.IOException;

/** The system's side of the calling thread. */
public final class NativeThread {

    private NativeThread() {}

    /**
     * Has the calling thread give way to others from here on: a third of a processor that another wants, all of one that
     * none does. Java's own priorities do nothing on Linux. Where the system refuses, or this build has no native library,
     * nothing changes.
     */
    public static boolean lowerPriority() {
        try {
            NativeLibraries.loadBinding();
            return KernelLibrary.lower_thread_priority();
        } catch (IOException | LinkageError e) {
            return false;
        }
    }
}
