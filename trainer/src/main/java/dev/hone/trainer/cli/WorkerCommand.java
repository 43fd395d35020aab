package dev.hone.trainer.cli;

import dev.hone.datasets.UserError;
import dev.hone.trainer.distributed.Launch;
import dev.hone.trainer.distributed.Membership;
import dev.hone.trainer.run.Worker;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;

/** What {@code --processes} starts. */
@Command(name = "worker", description = "Takes part in a training that another process leads.", hidden = true)
final class WorkerCommand implements Runnable {

    @Override
    public void run() {
        @Nullable Membership self = Membership.of(System.getenv());
        if (self == null) {
            throw new UserError("There is nobody to work for; `hone train RECIPE --processes N` starts workers");
        }
        Launch.share(self.localWorldSize(), self.localRank());
        Worker.work(self, false);
    }
}
