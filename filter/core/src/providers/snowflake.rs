//! Snowflake Cortex. <https://docs.snowflake.com/en/user-guide/snowflake-cortex/cortex-rest-api>
use super::prelude::*;

pub struct This;

impl Provider for This {
    fn facts(&self) -> &'static Facts {
        &Facts {
            slug: "snowflake",
            name: "Snowflake",
            docs: "https://docs.snowflake.com/en/user-guide/snowflake-cortex/cortex-rest-api",
            base_url: "",
            key_env: "SNOWFLAKE_JWT",
            base_env: "SNOWFLAKE_API_BASE",
            takes: &[BASIC, TOOLS],
            messages: Rules { cache_control: true, ..Rules::PLAIN },
            ..Facts::OPENAI
        }
    }
}
