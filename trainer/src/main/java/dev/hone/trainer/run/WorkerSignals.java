package dev.hone.trainer.run;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.IntConsumer;
import sun.misc.Signal;
import sun.misc.SignalHandler;

/**
 * The signals to a worker: they do not end it, since rank 0 saves first and then ends all. A second one ends it at once.
 */
final class WorkerSignals implements AutoCloseable {

    private final Map<Signal, SignalHandler> before = new LinkedHashMap<>();
    private final IntConsumer listener;
    private boolean came;

    private WorkerSignals(IntConsumer listener) {
        this.listener = listener;
    }

    /** @param listener hears the number of the first */
    static WorkerSignals take(IntConsumer listener) {
        WorkerSignals signals = new WorkerSignals(listener);
        for (String name : new String[] {"INT", "TERM", "HUP"}) {
            try {
                Signal signal = new Signal(name);
                signals.before.put(signal, Signal.handle(signal, signals::came));
            } catch (IllegalArgumentException unknownHere) {
                continue;
            }
        }
        return signals;
    }

    private synchronized void came(Signal signal) {
        if (came) {
            Runtime.getRuntime().halt(ExitCode.ENDED_AT_ONCE);
        }
        came = true;
        listener.accept(signal.getNumber());
    }

    @Override
    public void close() {
        before.forEach(Signal::handle);
    }
}
