package dev.hone.trainer.generate;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;

class SchedulerTest {

    @Test
    void samplesOfAPromptShareItsFullBlocksAndCopyThePartlyFilledOne() {
        // A prefix of 10 positions in blocks of 4: two full, one half full. 14 positions each: four blocks.
        List<Sequence> group = group(new int[11], 3, 4, 0);
        Scheduler scheduler = new Scheduler(20, 4, 8, group);
        Scheduler.Admitted admitted = scheduler.admit();

        assertThat(admitted.prefixes()).containsExactly(group.get(0).prefix);
        assertThat(admitted.copies()).hasSize(2);
        int[] prefix = group.get(0).prefix.blocks;
        for (Sequence sequence : group) {
            assertThat(sequence.blocks).hasSize(4).startsWith(prefix[0], prefix[1]);
        }
        assertThat(group.get(2).blocks[2]).as("the last takes the prefix's own").isEqualTo(prefix[2]);
        // 2 shared, and 2 of each sequence's own
        assertThat(scheduler.availableBlocks()).isEqualTo(20 - 8);
        group.forEach(scheduler::retire);
        assertThat(scheduler.availableBlocks()).isEqualTo(20);
        assertThat(scheduler.active()).isEmpty();
    }

    @RepeatedTest(20)
    void everySequenceIsServedAndNoBlockIsLostOrWrittenByTwo(RepetitionInfo repetition) {
        SplittableRandom random = new SplittableRandom(repetition.getCurrentRepetition());
        int blockSize = 1 + random.nextInt(5);
        int maxBatch = 1 + random.nextInt(6);
        List<Sequence> sequences = new ArrayList<>();
        while (sequences.size() < 40) {
            int[] prompt = new int[1 + random.nextInt(12)];
            sequences.addAll(group(prompt, 1 + random.nextInt(5), 1 + random.nextInt(9), sequences.size()));
        }
        int blocks = Scheduler.blocksNeeded(11 + 9, blockSize) + random.nextInt(20);
        Scheduler scheduler = new Scheduler(blocks, blockSize, maxBatch, sequences);
        Set<Integer> served = new HashSet<>();
        while (served.size() < sequences.size()) {
            scheduler.admit();
            List<Sequence> active = scheduler.active();
            assertThat(active).hasSizeBetween(1, maxBatch);
            Set<Integer> writable = new HashSet<>();
            for (Sequence sequence : active) {
                int shared = sequence.prefix.length() / blockSize;
                for (int block : Arrays.copyOfRange(sequence.blocks, shared, sequence.blocks.length)) {
                    assertThat(writable.add(block)).isTrue();
                }
            }
            for (int row = 0; row < active.size(); row++) {
                assertThat(active.get(row).place).isEqualTo(row);
            }
            Sequence ended = active.get(random.nextInt(active.size()));
            served.add(ended.index);
            scheduler.retire(ended);
        }
        assertThat(scheduler.active()).isEmpty();
        assertThat(served).hasSize(sequences.size());
        assertThat(scheduler.availableBlocks()).isEqualTo(blocks);
    }

    private static List<Sequence> group(int[] prompt, int samples, int limit, int firstIndex) {
        Prefix prefix = new Prefix(prompt, samples, null);
        List<Sequence> group = new ArrayList<>();
        for (int i = 0; i < samples; i++) {
            group.add(new Sequence(firstIndex + i, prefix, i, limit));
        }
        return group;
    }
}
