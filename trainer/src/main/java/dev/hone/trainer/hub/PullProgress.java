package dev.hone.trainer.hub;

/** Hears how far a pull is; from several threads. */
public interface PullProgress {

    PullProgress NONE = new PullProgress() {
        @Override
        public void planned(long bytes) {}

        @Override
        public void fetched(long bytes) {}
    };

    /** So many bytes are still to be fetched in all. */
    void planned(long bytes);

    /** So many more have arrived. */
    void fetched(long bytes);
}
