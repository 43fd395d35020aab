package dev.hone.checkpoints;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Named places where a process can be held, so that tests can kill it exactly there: {@code -Dhone.failpoint=NAME:3} holds
 * the thread that comes to NAME for the third time, after it has said so on standard error. Without the property nothing
 * happens.
 */
public final class Failpoint {

    private static final @Nullable String ASKED = System.getProperty("hone.failpoint");

    private static final Map<String, AtomicInteger> TIMES = new ConcurrentHashMap<>();

    private Failpoint() {}

    /** Says that the thread is at {@code name}; holds it there for good where that is asked for. */
    public static void reach(String name) {
        if (ASKED == null || !ASKED.startsWith(name + ":")) {
            return;
        }
        int times = TIMES.computeIfAbsent(name, any -> new AtomicInteger()).incrementAndGet();
        if (times == Integer.parseInt(ASKED.substring(name.length() + 1))) {
            System.err.println("failpoint " + name);
            hold();
        }
    }

    private static void hold() {
        while (true) {
            try {
                Thread.sleep(Long.MAX_VALUE);
            } catch (InterruptedException e) {
                // Held is held.
                continue;
            }
        }
    }
}
