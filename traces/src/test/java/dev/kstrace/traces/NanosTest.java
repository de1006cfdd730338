package dev.kstrace.traces;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class NanosTest {
  @Test
  void whatIsTooMuchIsTheMostThereIs() {
    assertThat(Nanos.between(3, 10)).isEqualTo(7);
    assertThat(Nanos.between(10, 3)).isEqualTo(-7);
    assertThat(Nanos.between(Long.MIN_VALUE, Long.MAX_VALUE)).isEqualTo(Long.MAX_VALUE);
    assertThat(Nanos.between(Long.MAX_VALUE, Long.MIN_VALUE)).isEqualTo(Long.MIN_VALUE);
    assertThat(Nanos.between(-1, Long.MAX_VALUE)).isEqualTo(Long.MAX_VALUE);
    assertThat(Nanos.between(0, Long.MAX_VALUE)).isEqualTo(Long.MAX_VALUE);
    assertThat(Nanos.between(Long.MIN_VALUE, -1)).isEqualTo(Long.MAX_VALUE);
    assertThat(Nanos.between(Long.MIN_VALUE, 0)).isEqualTo(Long.MAX_VALUE);
  }
}
