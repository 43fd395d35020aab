package dev.hone.trainer.cli;

import dev.hone.datasets.UserError;
import dev.hone.trainer.distributed.Launch;
import dev.hone.trainer.distributed.Membership;
import dev.hone.trainer.run.Worker;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** {@code --processes}, and what a launcher's environment says of others. */
final class ProcessesOption {

    @Option(
            names = "--processes",
            paramLabel = "N",
            description = "Train by N processes on this machine, which divide each step. Default: 1, or those that"
                    + " torchrun or another launcher started (RANK, WORLD_SIZE, MASTER_ADDR, MASTER_PORT).")
    private int processes = 1;

    /** Leads a training, or takes part in that of the launcher's rank 0. */
    void run(Consumer<Launch> leading) {
        if (processes < 1) {
            throw new UserError("--processes is " + processes + ": expected 1 or more");
        }
        @Nullable Membership self = Membership.of(System.getenv());
        if (self == null) {
            Launch.share(processes, 0);
            leading.accept(new Launch(processes, Hone.class.getName(), null));
            return;
        }
        if (processes > 1) {
            throw new UserError("--processes is " + processes + " and the environment's WORLD_SIZE " + self.worldSize()
                    + "; leave one of the two away");
        }
        Launch.share(self.localWorldSize(), self.localRank());
        if (self.rank() == 0) {
            leading.accept(new Launch(1, Hone.class.getName(), self));
        } else {
            Worker.work(self, true);
        }
    }
}
