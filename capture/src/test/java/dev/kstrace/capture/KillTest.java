package dev.kstrace.capture;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A short run of {@link KillHarness} in every build, and a long one on a machine kept busy:
 *
 * <pre>
 *   mvn -pl capture -am test -Dtest=KillTest -Dsurefire.failIfNoSpecifiedTests=false
 *       -Dkstrace.kills=500 -Dkstrace.kill.seed=1 -Dkstrace.kill.burners=2
 * </pre>
 */
final class KillTest {
  private static final int KILLS = Integer.getInteger("kstrace.kills", 8);
  private static final long SEED = Long.getLong("kstrace.kill.seed", 4711);
  private static final int BURNERS = Integer.getInteger("kstrace.kill.burners", 0);

  @TempDir Path folder;

  private volatile boolean done;

  @Test
  @Timeout(3600)
  void aKilledProcessLeavesEveryFlushedEvent() throws Exception {
    for (int i = 0; i < BURNERS; i++) {
      new Thread(this::burn).start();
    }
    KillHarness harness = new KillHarness(folder, SEED);
    try {
      for (int i = 0; i < KILLS; i++) {
        harness.killOne();
      }
    } finally {
      done = true;
      System.out.println("seed=" + SEED + ": " + harness);
    }
    assertThat(harness.flushed()).as("events that a kill could have cost").isPositive();
  }

  private void burn() {
    while (!done) {
      Thread.onSpinWait();
    }
  }
}
