//! A cache behind nginx, over TLS: HTTP/2, few connections, and a certificate that somebody vouches for.

use std::collections::BTreeSet;
use std::fs;
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value as Json;

use super::Lab;

/// nginx that serves a folder, until it is dropped.
struct Nginx {
    child: Child,
    port: u16,
}

impl Nginx {
    fn start(lab: &Lab, folder: &Path) -> Self {
        let here = |part: &str| lab.path(part).display().to_string();
        let openssl = |arguments: &str| {
            let arguments = arguments.replace('@', &here(""));
            let output = Command::new("openssl")
                .args(arguments.split_whitespace())
                .stdin(Stdio::null())
                .output()
                .expect("no openssl; run tests/set-up, which installs it");
            let said = String::from_utf8_lossy(&output.stderr);
            assert!(output.status.success(), "{arguments}: {said}");
        };
        openssl(
            "req -x509 -newkey rsa:2048 -nodes -keyout @ca.key -out @ca.pem -days 2 -subj /CN=lab \
             -addext basicConstraints=critical,CA:TRUE",
        );
        openssl("req -newkey rsa:2048 -nodes -keyout @s.key -out @s.csr -subj /CN=localhost");
        fs::write(
            lab.path("ext"),
            "subjectAltName=DNS:localhost\nbasicConstraints=CA:FALSE\n",
        )
        .unwrap();
        openssl(
            "x509 -req -in @s.csr -CA @ca.pem -CAkey @ca.key -CAcreateserial -out @s.pem -days 2 \
             -extfile @ext",
        );
        let port = TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap()
            .port();
        let conf = format!(
            "daemon off; master_process off; pid {0}/pid; error_log {0}/error; events {{}}\n\
             http {{ log_format of '$connection $server_protocol $status'; access_log {0}/access of;\n\
             client_body_temp_path {0}/body; proxy_temp_path {0}/proxy;\n\
             fastcgi_temp_path {0}/fastcgi; uwsgi_temp_path {0}/uwsgi; scgi_temp_path {0}/scgi;\n\
             server {{ listen 127.0.0.1:{port} ssl http2; ssl_certificate {0}/s.pem;\n\
             ssl_certificate_key {0}/s.key; root {1}; }} }}\n",
            lab.path("").display().to_string().trim_end_matches('/'),
            folder.display()
        );
        fs::write(lab.path("nginx.conf"), conf).unwrap();
        let path = std::env::var("PATH").unwrap();
        let child = Command::new("nginx")
            // Debian keeps it where only root looks.
            .env("PATH", format!("{path}:/usr/sbin"))
            .args(["-c", &here("nginx.conf"), "-e", &here("error")])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("no nginx; run tests/set-up, which installs it");
        let nginx = Self { child, port };
        let begun = Instant::now();
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            let error = || fs::read_to_string(lab.path("error")).unwrap_or_default();
            assert!(begun.elapsed() < Duration::from_secs(20), "{}", error());
            std::thread::yield_now();
        }
        nginx
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

#[test]
fn over_tls_questions_share_few_connections() {
    let lab = Lab::modern("");
    let (key, secret) = lab.key("lab-1");
    let lib = lab.build("lib");
    let cache = lab.copy_to("cache", Some(&secret), &[&lib]);
    let nginx = Nginx::start(&lab, &cache);
    let url = format!("https://localhost:{}", nginx.port);
    let store = lab.path("store");
    let paths: Vec<String> = (0..300_u32)
        .map(|number| format!("{}/{number:032}-p", store.display()))
        .collect();
    let asked = |certificates: &Path| -> Json {
        let output = lab
            .nixtune()
            .env("SSL_CERT_FILE", certificates)
            .args([
                "analyze",
                "cache",
                &url,
                "--key",
                &key,
                "--format",
                "json",
                "--closure",
            ])
            .args(&paths)
            .output()
            .unwrap();
        serde_json::from_slice(&output.stdout).unwrap()
    };
    let json = asked(&lab.path("ca.pem"));
    let cache = &json["caches"][0];
    assert_eq!(cache["protocol"], "HTTP/2", "{json:#}");
    assert_eq!(cache["signing"]["verdict"], "verified");
    assert_eq!(json["closure"]["missing"].as_array().unwrap().len(), 300);
    let log = fs::read_to_string(lab.path("access")).unwrap();
    let connections: BTreeSet<&str> = log
        .lines()
        .filter_map(|line| line.split(' ').next())
        .collect();
    // A hundred questions share one, and the speed is measured on another.
    assert!(
        connections.len() <= 1 + 300_usize.div_ceil(100),
        "{connections:?}"
    );
    assert!(log.lines().count() > 300);
    // Where nobody vouches for its certificate, it is not asked.
    let other = lab.path("other.pem");
    fs::write(&other, "").unwrap();
    let json = asked(&other);
    assert_eq!(json["caches"][0]["reach"], "failed", "{json:#}");
}
