package dev.hone.trainer.run;

import dev.hone.benchmarks.CatalogueEntry;
import dev.hone.datasets.UserError;
import dev.hone.trainer.hub.Hub;
import dev.hone.trainer.hub.HubSettings;
import dev.hone.trainer.hub.PullProgress;
import dev.hone.trainer.hub.Repository;
import java.nio.file.Path;
import java.util.Locale;

/** Brings the files of benchmarks from the Hub. */
public final class BenchmarkData {

    private BenchmarkData() {}

    /**
     * The snapshot of a benchmark's repository, fetched where it is not in the cache.
     *
     * @param naming what to do with a folder DIR that was filled by hand, for the message
     * @throws UserError where it can neither be found nor fetched; says how to get it otherwise
     */
    public static Path pull(CatalogueEntry entry, String naming, PullProgress progress) {
        if (entry.source().hub() == null) {
            throw new UserError("The benchmark " + entry.name() + " is not on the Hub; fetch "
                    + String.join(", ", entry.source().files()) + " from "
                    + entry.source().url() + " into DIR/"
                    + entry.name() + " and " + naming);
        }
        Repository repository = Repository.of(entry.source().toString());
        try {
            HubSettings settings = HubSettings.ofEnvironment();
            return new Hub(settings).pull(repository, entry.source().files(), progress);
        } catch (UserError e) {
            String reason = String.valueOf(e.getMessage());
            throw new UserError(
                    "The data of benchmark %s could not be had from the Hub: %s%s; or fetch %s from %s into DIR/%s and %s"
                            .formatted(
                                    entry.name(),
                                    reason.substring(0, 1).toLowerCase(Locale.ROOT),
                                    reason.substring(1),
                                    String.join(", ", entry.source().files()),
                                    entry.source().url(),
                                    entry.name(),
                                    naming),
                    e);
        }
    }
}
