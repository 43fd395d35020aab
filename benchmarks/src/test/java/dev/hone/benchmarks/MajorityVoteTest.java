package dev.hone.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.hone.benchmarks.MajorityVote.Vote;
import java.util.List;
import org.junit.jupiter.api.Test;

class MajorityVoteTest {

    private static final Vote RIGHT = new Vote("42", true);
    private static final Vote WRONG = new Vote("41", false);
    private static final Vote ODD = new Vote("7", false);

    @Test
    void theAnswerGivenMostOftenCounts() {
        assertThat(MajorityVote.score(List.of(RIGHT, WRONG, RIGHT, ODD))).isEqualTo(1);
        assertThat(MajorityVote.score(List.of(RIGHT, WRONG, WRONG, ODD))).isZero();
    }

    @Test
    void aTieIsSharedAmongItsWinners() {
        assertThat(MajorityVote.score(List.of(RIGHT, WRONG))).isEqualTo(0.5);
        assertThat(MajorityVote.score(List.of(RIGHT, WRONG, ODD))).isCloseTo(1 / 3.0, within(1e-15));
    }

    @Test
    void noVotesNoPoint() {
        assertThat(MajorityVote.score(List.of())).isZero();
    }
}
