package dev.hone.benchmarks;

import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * maj@k: whether the answer given most often among k attempts is correct. Attempts without an answer do not vote.
 *
 * @see "Wang et al. (2023), Self-Consistency Improves Chain of Thought Reasoning in Language Models"
 */
public final class MajorityVote {

    private MajorityVote() {}

    /** An attempt's answer, and whether it is right. */
    public record Vote(String answer, boolean correct) {}

    /** The share of the winning answers that is correct: where several are given equally often, each may win. */
    public static double score(List<Vote> votes) {
        Map<String, List<Vote>> byAnswer = votes.stream().collect(Collectors.groupingBy(Vote::answer));
        int most = byAnswer.values().stream().mapToInt(List::size).max().orElse(0);
        return byAnswer.values().stream()
                .filter(group -> group.size() == most)
                .mapToDouble(group -> group.stream().anyMatch(Vote::correct) ? 1 : 0)
                .average()
                .orElse(0);
    }
}
