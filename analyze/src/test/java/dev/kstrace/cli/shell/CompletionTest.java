package dev.kstrace.cli.shell;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class CompletionTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "'' | .f | .findings,.format",
        "' ' | .q | .quit",
        "'.schema ' | pin_s | pin_states",
        "'.timing ' | o | off,on",
        "'.format ' | n | ndjson",
        "'.open ' | t | ''",
        "'SELECT ' | pool_ | pool_type,pool_type(",
        "'SELECT ' | unfr | unfreed_frames",
        "'SELECT ' | RELATED_ | related_seq",
        "'SELECT 1 ' | wher | WHERE",
      })
  void offersWhatFits(String before, String word, String expected) {
    assertThat(String.join(",", Completion.of(before, word))).isEqualTo(expected);
  }

  @Test
  void offersEverythingToAnEmptyWord() {
    assertThat(Completion.of("SELECT ", "")).contains("events", "seq", "ntstatus(", "FROM");
  }

  @ParameterizedTest
  @CsvSource({
    "/state, /local, /srv/u, /state/kstrace/history",
    "relative, , /srv/u, /srv/u/.local/state/kstrace/history",
    "'', /local, /srv/u, /local/kstrace/history",
    ", , , ",
  })
  @org.junit.jupiter.api.condition.DisabledOnOs(org.junit.jupiter.api.condition.OS.WINDOWS)
  void findsThePlaceOfTheHistory(String state, String local, String home, String expected) {
    Map<String, String> environment = new java.util.HashMap<>();
    environment.put("XDG_STATE_HOME", state == null ? "" : state);
    environment.put("LOCALAPPDATA", local == null ? "" : local);
    environment.put("HOME", home == null ? "" : home);

    assertThat(String.valueOf(HistoryFile.of(environment, "history")))
        .isEqualTo(String.valueOf(expected));
  }
}
