package dev.hone.trainer.distributed;

import org.jspecify.annotations.Nullable;

/**
 * How the processes of a training come to be.
 *
 * @param local processes to be started on this machine, this one counted; 1 for none
 * @param main the class whose command {@code worker} is a worker
 * @param membership of this process among those that a launcher started; null where there are none
 */
public record Launch(int local, String main, @Nullable Membership membership) {

    /** One process. */
    public static final Launch ALONE = new Launch(1, "", null);

    private static final String THREADS = "hone.threads";
    private static final String GPU = "hone.gpu";

    /** The others, once they are here; null where there are none. */
    public @Nullable Team team() {
        if (membership != null) {
            return Team.await(membership);
        }
        return local > 1 ? Team.start(local, main) : null;
    }

    /**
     * Divides a machine's processors among its processes, and gives each process its GPU, unless the user did.
     *
     * @param processes on this machine
     * @param localRank of this one among them
     */
    public static void share(int processes, int localRank) {
        if (processes > 1 && System.getProperty(THREADS) == null && System.getenv("HONE_THREADS") == null) {
            int threads = Math.max(1, Runtime.getRuntime().availableProcessors() / processes);
            System.setProperty(THREADS, Integer.toString(threads));
        }
        if (System.getProperty(GPU) == null) {
            System.setProperty(GPU, Integer.toString(localRank));
        }
    }
}
