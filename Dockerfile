# The app in a container, on the CPU by default:
#   docker build -t triad . && docker run -p 7860:7860 triad
# With a GPU: docker run --gpus all ... Without CUDA it is much smaller; docs/deployment.md says how.
FROM python:3.12-slim

RUN useradd --create-home --uid 1000 triad
USER triad
ENV PATH=/home/triad/.local/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    GRADIO_SERVER_NAME=0.0.0.0 GRADIO_ANALYTICS_ENABLED=False
WORKDIR /home/triad/app

# pip reads it from the environment.
ARG PIP_EXTRA_INDEX_URL
COPY --chown=triad requirements.txt .
RUN pip install --no-cache-dir --user -r requirements.txt
COPY --chown=triad . .

EXPOSE 7860
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s CMD \
    ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:7860/health', timeout=4)"]
CMD ["python", "app.py", "--port", "7860"]
