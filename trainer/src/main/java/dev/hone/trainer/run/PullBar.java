package dev.hone.trainer.run;

import dev.hone.trainer.hub.PullProgress;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.jspecify.annotations.Nullable;

/** How far a pull is: a bar on a terminal, otherwise one line where there is something to fetch. */
public final class PullBar implements PullProgress, AutoCloseable {
    private final String what;
    private final Output output;
    private @Nullable ProgressBar bar;

    /** @param what is pulled */
    public PullBar(String what, Output output) {
        this.what = what;
        this.output = output;
    }

    @Override
    public synchronized void planned(long bytes) {
        if (bytes == 0) {
            return;
        }
        if (output.isTerminal()) {
            bar = new ProgressBarBuilder()
                    .setTaskName(what)
                    .setUnit(" MiB", 1 << 20)
                    .setStyle(ProgressBarStyle.ASCII)
                    .setInitialMax(bytes)
                    .showSpeed()
                    .build();
        } else {
            output.line("fetching " + what + ", " + ((bytes >> 20) + 1) + " MiB");
        }
    }

    @Override
    public synchronized void fetched(long bytes) {
        if (bar != null) {
            bar.stepBy(bytes);
        }
    }

    @Override
    public synchronized void close() {
        if (bar != null) {
            bar.close();
        }
    }
}
