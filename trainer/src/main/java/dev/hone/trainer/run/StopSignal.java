package dev.hone.trainer.run;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import sun.misc.Signal;
import sun.misc.SignalHandler;

/**
 * Turns SIGINT, SIGTERM and SIGHUP into a request to stop: the run saves after its current step and ends with 128 and the
 * signal's number. A second signal, or more time than {@code bound}, ends the process at once. A signal that was ignored
 * when the process began, as under nohup, stays so.
 */
final class StopSignal implements AutoCloseable {

    private final Duration bound;
    private final Output output;
    private final Map<Signal, SignalHandler> before = new LinkedHashMap<>();
    private volatile int exitCode;
    private volatile boolean closed;
    private boolean askedElsewhere;

    StopSignal(Duration bound, Output output) {
        this.bound = bound;
        this.output = output;
        for (String name : new String[] {"INT", "TERM", "HUP"}) {
            try {
                Signal signal = new Signal(name);
                SignalHandler other = Signal.handle(signal, this::came);
                before.put(signal, other);
                if (other == SignalHandler.SIG_IGN) {
                    Signal.handle(signal, other);
                }
            } catch (IllegalArgumentException unknownHere) {
                // Windows has no SIGHUP; with -Xrs signals are not ours.
                continue;
            }
        }
    }

    /** Whether the run is to save and end. */
    boolean requested() {
        return exitCode != 0;
    }

    /** With what the process then ends. */
    int exitCode() {
        return exitCode;
    }

    /** Another process of the training was sent a signal: as if it had come here. That of this process is no second one. */
    synchronized void asked(int signal) {
        if (!requested()) {
            askedElsewhere = true;
            stop(signal, "a signal to another process");
        }
    }

    private synchronized void came(Signal signal) {
        if (askedElsewhere) {
            askedElsewhere = false;
        } else if (requested()) {
            endAtOnce("a second signal: ending at once, without saving");
        } else {
            stop(signal.getNumber(), "SIG" + signal.getName());
        }
    }

    private void stop(int signal, String why) {
        exitCode = ExitCode.SIGNAL + signal;
        output.line(why + ": saving after this step; a second signal ends at once, without saving");
        Thread timer = new Thread(this::endInTime, "stop");
        timer.setDaemon(true);
        timer.start();
    }

    private void endInTime() {
        try {
            Thread.sleep(bound.toMillis());
        } catch (InterruptedException e) {
            return;
        }
        if (!closed) {
            endAtOnce("not saved within the " + bound.toSeconds()
                    + " s of checkpoint.stop_timeout: ending without saving");
        }
    }

    private void endAtOnce(String why) {
        output.line(why);
        Runtime.getRuntime().halt(ExitCode.ENDED_AT_ONCE);
    }

    @Override
    public void close() {
        closed = true;
        before.forEach(Signal::handle);
    }
}
