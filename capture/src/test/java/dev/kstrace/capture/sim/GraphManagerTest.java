package dev.kstrace.capture.sim;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kstrace.traces.Framing;
import dev.kstrace.traces.KsFlags;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class GraphManagerTest {
  private static final int PREFERENCES = KsFlags.REQUIREMENTF_PREFERENCES_ONLY;

  @ParameterizedTest
  @EnumSource(Profile.class)
  void theCreateRequestCarriesOptionsAndTheProfilesNumbers(Profile profile) {
    Framing framing =
        GraphManager.createFraming(
            profile.sourceFraming(profile.frameSize()),
            profile.sinkFraming(profile.frameSize()),
            false);
    assertThat(framing)
        .isEqualTo(
            new Framing(
                profile == Profile.TVCAP_UYVY_NTSC ? 0 : 2,
                profile == Profile.GFX_INPLACE_PCM ? 1 : 0,
                profile.frames(),
                profile.frameSize(),
                profile.fileAlignment(),
                0));
  }

  @Test
  void theLargerNeedOfBothPinsWins() {
    Framing source = new Framing(2, 0, 2, 4096, 0x3, 0);
    Framing sink = new Framing(0, 0, 5, 9400, 0x3F, 0);
    assertThat(GraphManager.createFraming(source, sink, false))
        .isEqualTo(new Framing(2, 0, 5, 9400, 0x3F, 0));
  }

  @Test
  void memoryIsPagedOnlyIfNoPinNeedsItResident() {
    Framing paged = new Framing(2, 1, 2, 4096, 0, 0);
    Framing resident = new Framing(2, 0, 2, 4096, 0, 0);
    assertThat(GraphManager.createFraming(paged, paged, false).poolType()).isEqualTo(1);
    assertThat(GraphManager.createFraming(paged, resident, false).poolType()).isZero();
  }

  @Test
  void onlyAPreferenceCanBeSetAside() {
    Framing preferred = new Framing(PREFERENCES | 2, 0, 2, 4096, 0, 0);
    Framing required = new Framing(2, 0, 2, 4096, 0, 0);
    assertThat(GraphManager.createFraming(preferred, preferred, true).poolType()).isEqualTo(1);
    assertThat(GraphManager.createFraming(preferred, required, true).poolType()).isZero();
  }
}
