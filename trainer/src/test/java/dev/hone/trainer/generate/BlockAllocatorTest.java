package dev.hone.trainer.generate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import org.junit.jupiter.api.Test;

class BlockAllocatorTest {

    @Test
    void aSharedBlockComesBackWithItsLastHolder() {
        BlockAllocator blocks = new BlockAllocator(2);
        int block = blocks.allocate();
        blocks.share(block);
        blocks.release(block);
        assertThat(blocks.available()).isEqualTo(1);
        blocks.release(block);
        assertThat(blocks.available()).isEqualTo(2);
    }

    @Test
    void neverHandsOutATakenBlock() {
        BlockAllocator blocks = new BlockAllocator(3);
        assertThat(new int[] {blocks.allocate(), blocks.allocate(), blocks.allocate()})
                .doesNotHaveDuplicates();
        assertThatIllegalStateException().isThrownBy(blocks::allocate).withMessageContaining("3 blocks");
    }

    @Test
    void refusesToReleaseOrShareAFreeBlock() {
        BlockAllocator blocks = new BlockAllocator(1);
        assertThatIllegalStateException().isThrownBy(() -> blocks.release(0));
        assertThatIllegalStateException().isThrownBy(() -> blocks.share(0));
    }
}
