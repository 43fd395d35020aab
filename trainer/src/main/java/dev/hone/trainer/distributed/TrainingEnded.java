package dev.hone.trainer.distributed;

/** Rank 0 ended and told its workers so: theirs is done as well. */
public final class TrainingEnded extends RuntimeException {
    private static final long serialVersionUID = 1L;

    TrainingEnded() {
        super("rank 0 ended the training");
    }
}
